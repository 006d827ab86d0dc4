"""The stages between a right password and a session. Until the last one is passed nobody is logged in.

allauth serialises the log-in by primary key between them, so what a stage must remember is in its `state`.
"""

from __future__ import annotations

from typing import Any, Self, cast

from allauth.account.internal.stagekit import clear_login
from allauth.account.stages import LoginStage, LoginStageController
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from accounts import proof as proofs
from accounts.models import User
from accounts.services import log_in, second_step

_Handled = tuple[HttpResponse | None, bool]

CHANGED_MEANWHILE = "Something about your account changed while you were logging in. Log in again."


class Stage(LoginStage):
    """What our stages share."""

    @property
    def user(self) -> User:
        """The person on their way in."""
        return cast("User", self.login.user)

    @property
    def shared(self) -> dict[str, Any]:
        """What the stages of one log-in know together: the password's fingerprint, the browser, the device."""
        return cast("dict[str, Any]", self.login.state)

    @property
    def proof(self) -> proofs.Proof | None:
        """What Care Identity proved, where it is this log-in's way in."""
        kept = self.shared.get("care_identity")
        return proofs.from_dict(kept) if kept else None

    @classmethod
    def of(cls, request: HttpRequest) -> Self | None:
        """Return this stage of the log-in that the browser is in the middle of, or None where it is not at it.

        A log-in whose password is no longer the person's ends here, so that nobody who knew the old one sets up a
        second step or a new password with it.
        """
        if request.user.is_authenticated:
            return None
        stage = LoginStageController.enter(request, cls.key)
        if not isinstance(stage, cls) or stage.login.user is None:
            return None
        if not log_in.still_stands(user=stage.user, password_fingerprint=stage.shared["password_fingerprint"]):
            clear_login(request)
            messages.error(request, CHANGED_MEANWHILE)
            return None
        return stage

    def passed(self) -> HttpResponse:
        """Go on to the next stage; return its page, or where the person lands."""
        return cast("HttpResponse", self.exit())  # type: ignore[no-untyped-call]


class SecondStepStage(Stage):
    """A code, for those who need one. It comes before anything can be changed."""

    key = "second_step"
    urlname = "second_step"

    def handle(self) -> _Handled:
        """Ask for a code, or have the second step set up, where one is needed and Care Identity was not both steps."""
        if self.proof is not None and self.proof.counts_as_both_steps:
            return None, True
        if not second_step.is_needed(user=self.user):
            return None, True
        if not second_step.is_set_up(user=self.user):
            self.state["secret"] = second_step.new_secret()
        return HttpResponseRedirect(reverse(self.page())), True

    def page(self) -> str:
        """Return the page this log-in is to be on: it asks for a code, sets a second step up, or begins anew."""
        if second_step.is_set_up(user=self.user):
            return "second_step"
        return "second_step_enrol" if self.secret else "log_in"

    @property
    def secret(self) -> str:
        """The secret that this one log-in offers for setting up a second step; None where it began with one."""
        return cast("str", self.state.get("secret", ""))

    def passed_with(self, device: str) -> HttpResponse:
        """Remember the device, to be attached to the session, and go on."""
        self.state.pop("secret", None)
        self.shared["second_step_device"] = device
        return self.passed()


class MustChangePasswordStage(Stage):
    """A new password before anything else, where the helpdesk said so."""

    key = "must_change_password"
    urlname = "must_change_password"

    def handle(self) -> _Handled:
        """Ask for a new password where the flag is set and a password was the way in."""
        if self.proof is not None or not self.user.must_change_password:
            return None, True
        return HttpResponseRedirect(reverse("must_change_password")), True

    def passed_with_new_password(self, user: User) -> HttpResponse:
        """Go on with the password that `user` has just set as the one that the last check expects."""
        self.login.user = user
        self.shared["password_fingerprint"] = log_in.fingerprint(user)
        return self.passed()


class FinalCheckStage(Stage):
    """Is all of it still true? allauth itself does not look again between the stages."""

    key = "final_check"

    def handle(self) -> _Handled:
        """Let the log-in become a session, or send the person back to the log-in page."""
        device = self.shared.get("second_step_device", "")
        if log_in.may_finish(
            user=self.user,
            password_fingerprint=self.shared["password_fingerprint"],
            browser=self.shared["browser"],
            second_step_passed=bool(device),
            address=self.request.META.get("REMOTE_ADDR", ""),
            proof=self.proof,
        ):
            # Attached last: on its way through the stages allauth keeps nothing of a user but the primary key.
            self.user.second_step_passed = device
            self.user.care_identity_proof = self.proof
            self.user.care_identity_id_token = self.shared.get("care_identity_id_token", "")
            return None, True
        messages.error(self.request, CHANGED_MEANWHILE)
        return HttpResponseRedirect(reverse("log_in")), False
