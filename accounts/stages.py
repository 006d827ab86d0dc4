"""The stages between a right password and a session. Until the last one is passed the person is not logged in.

allauth serialises the log-in by primary key between them, so what a stage must remember is in its `state`.
"""

from __future__ import annotations

import dataclasses
import datetime
from typing import TYPE_CHECKING, Any, Self, cast

from allauth.account.internal.stagekit import clear_login, get_pending_stage, stash_login
from allauth.account.stages import LoginStage, LoginStageController
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.browser import about, offered, remembered_browser, remembered_username
from accounts.log_in_under_way import LogInUnderWay, NotOurs
from accounts.models import User
from accounts.services import events, last_check, log_in, second_step

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

_Handled = tuple[HttpResponse | None, bool]

# In the state of the second step: whether this log-in began without one, or a code of the helpdesk was shown in it; and
# in the second case, that the new way takes the place of all that was lost.
_ENROLLING = "enrolling"
_REPLACING = "replacing"
# How many wrong codes of the helpdesk were typed in this log-in.
_WRONG_BOOTSTRAP_CODES = "wrong_bootstrap_codes"

CHANGED_MEANWHILE = _("Something about your account changed while you were logging in. Log in again.")
WRONG_BOOTSTRAP_CODES = _("Five codes from the helpdesk were wrong. Log in again.")


class Passed(HttpRequest):
    """A request in which a log-in has passed its last stage."""

    log_in_under_way: LogInUnderWay


class Stage(LoginStage):
    """What our stages share."""

    @property
    def user(self) -> User:
        """The person on their way in."""
        return cast("User", self.login.user)

    @property
    def under_way(self) -> LogInUnderWay:
        """What the stages of one log-in know together."""
        return LogInUnderWay.from_state(self.login.state)

    @property
    def about(self) -> str:
        """What the forms of this log-in are about."""
        return about.log_in(self.under_way.number)

    @property
    def ends_at(self) -> datetime.datetime:
        """When allauth gives this log-in up, wherever it is."""
        begun = datetime.datetime.fromtimestamp(self.login.initiated_at, tz=datetime.UTC)
        return begun + datetime.timedelta(seconds=settings.ACCOUNT_LOGIN_TIMEOUT)

    def note(self, **facts: Any) -> None:
        """Let the stages that follow know more of this log-in."""
        self.login.state.update(dataclasses.replace(self.under_way, **facts).to_state())

    @classmethod
    def of(cls, request: HttpRequest) -> Self | None:
        """Return this stage of the log-in that the browser is in the middle of, or None where it is not at it.

        A log-in whose password is no longer the person's ends here: knowing the old one is not enough to set up a
        second step or a new password.
        """
        if request.user.is_authenticated:
            return None
        stage = LoginStageController.enter(request, cls.key)
        if not isinstance(stage, cls) or stage.login.user is None:
            return None
        if not stage.still_stands():
            clear_login(request)
            stage.say_that_it_begins_anew()
            return None
        return stage

    def page(self) -> str:
        """Return the name of the page that this log-in is to be on."""
        return self.urlname or "log_in"

    def still_stands(self) -> bool:
        """Return whether this log-in may go on: the person is in force, with the password that it began with."""
        try:
            fingerprint = self.under_way.password_fingerprint
        except NotOurs:
            return False
        return log_in.still_stands(user=self.user, password_fingerprint=fingerprint)

    def say_that_it_begins_anew(self, why: StrOrPromise = CHANGED_MEANWHILE) -> None:
        """Say on the log-in page that comes next why this log-in could not go on, and keep its username there."""
        messages.error(self.request, why)
        # A log-in of the version before does not say.
        if not self.login.state.get("shared"):
            remembered_username.keep_once(self.request, self.user.username)

    def passed(self) -> HttpResponse:
        """Go on to the next stage; return its page, or where the person lands."""
        return cast("HttpResponse", self.exit())  # type: ignore[no-untyped-call]


def pending(request: HttpRequest) -> Stage | None:
    """Return the stage at which a log-in of this browser is, or None where none is under way that may go on."""
    stage = get_pending_stage(request)
    return stage if isinstance(stage, Stage) and stage.login.user is not None and stage.still_stands() else None


class SecondStepStage(Stage):
    """A code or a passkey, for those who need one. It comes before anything can be changed."""

    key = "second_step"
    urlname = "second_step"

    def handle(self) -> _Handled:
        """Ask for a second step, or have one set up, where one is needed and the way in was not both steps."""
        address = events.origin().address
        if self.under_way.both_steps_passed:
            second_step.other_way_used(self.user)
            return None, True
        if not second_step.is_needed(user=self.user, address=address) or self._in_remembered_browser():
            return None, True
        self.state[_ENROLLING] = not second_step.is_set_up(user=self.user)
        return HttpResponseRedirect(reverse(self.page())), True

    def _in_remembered_browser(self) -> bool:
        """Return whether the person asked not to be asked in this browser, and note it; the cookie is used up by it."""
        shared = self.under_way.shared
        remembered = remembered_browser.stands(self.request, user=self.user, shared=shared)
        if remembered is not None:
            self.note(remembered=remembered.pk, remembered_ways=remembered.ways)
        return remembered is not None

    def still_stands(self) -> bool:
        """Return whether this log-in may go on: also, that what it has set up has not been taken away since."""
        device = self.under_way.second_step if super().still_stands() else None
        return device is not None and (not device or second_step.is_there(user=self.user, device=device))

    @property
    def may_remember_browser(self) -> bool:
        """Whether this browser may be remembered, so that its person is not asked in it for a while."""
        return remembered_browser.may_remember(user=self.user, shared=self.under_way.shared)

    def page(self) -> str:
        """Return the page that this log-in is to be on: it asks for a second step, sets one up, or begins anew."""
        if self.under_way.second_step:
            return "second_step_codes"
        if self.may_enrol:
            return "second_step_enrol"
        return "second_step" if second_step.is_set_up(user=self.user) else "log_in"

    @property
    def may_enrol(self) -> bool:
        """Whether this log-in may set up a second step.

        It began without one and there is none yet, or it is this log-in's own; or a code of the helpdesk was shown.
        """
        if not self.state.get(_ENROLLING):
            return False
        return self.may_replace or not second_step.is_set_up(user=self.user)

    @property
    def may_replace(self) -> bool:
        """Whether what this log-in sets up may take the place of what is there.

        It is the log-in's own, or a code of the helpdesk was shown. What another log-in has set up meanwhile is not.
        """
        return bool(self.state.get(_REPLACING) or self.under_way.second_step)

    def bootstrapped(self) -> HttpResponse:
        """Go on to setting up a new second step, after a code of the helpdesk was used; return that page.

        What is lost stays until the new way is confirmed.
        """
        self.state[_ENROLLING] = self.state[_REPLACING] = True
        return self._stay_on()

    def bootstrap_code_was_wrong(self) -> HttpResponse | None:
        """Count a wrong code of the helpdesk; return the log-in page where this log-in has to begin anew, else None."""
        wrong = self.state.get(_WRONG_BOOTSTRAP_CODES, 0) + 1
        if wrong >= second_step.MOST_WRONG_BOOTSTRAP_CODES:
            return self._begin_anew(WRONG_BOOTSTRAP_CODES)
        self.state[_WRONG_BOOTSTRAP_CODES] = wrong
        stash_login(self.request, self.login)
        return None

    def passed_with(self, device: str) -> HttpResponse:
        """Note the way that was shown or set up, which the session will know by `device`; return the page that follows.

        After setting up that is the page with the recovery codes, until the loss of one way leaves another.
        """
        second_step.note_works(self.user)
        self.note(second_step=device)
        if self.state.pop(_REPLACING, False):
            second_step.replace_all(user=self.user, but=device)
        if not self.state.get(_ENROLLING) or second_step.ways_of(user=self.user).are_enough:
            return self.passed()
        try:
            offered.make_codes(self.request, user=self.user, about=self.about)
        except second_step.PasswordChanged:
            return self._begin_anew(CHANGED_MEANWHILE)
        return self._stay_on()

    def _begin_anew(self, why: StrOrPromise) -> HttpResponse:
        clear_login(self.request)
        self.say_that_it_begins_anew(why)
        return HttpResponseRedirect(reverse("log_in"))

    def _stay_on(self) -> HttpResponse:
        stash_login(self.request, self.login)
        return HttpResponseRedirect(reverse(self.page()))


class MustChangePasswordStage(Stage):
    """A new password before anything else, where the helpdesk said so: after a password, and after a passkey."""

    key = "must_change_password"
    urlname = "must_change_password"

    def handle(self) -> _Handled:
        """Ask for a new password where the flag is set, there is one, and Care Identity was not the way in."""
        if not self.user.has_to_set_a_new_password() or self.under_way.proof is not None:
            return None, True
        return HttpResponseRedirect(reverse("must_change_password")), True

    def passed_with_new_password(self, user: User) -> HttpResponse:
        """Go on with the password that `user` has just set as the one that the last check expects."""
        self.login.user = user
        self.note(password_fingerprint=log_in.fingerprint(user))
        return self.passed()


class FinalCheckStage(Stage):
    """Is all of it still true? allauth itself does not look again between the stages."""

    key = "final_check"

    def handle(self) -> _Handled:
        """Let the log-in become a session, or send the person back to the log-in page."""
        under_way = self.under_way
        if last_check.may_finish(user=self.user, under_way=under_way, address=events.origin().address):
            cast("Passed", self.request).log_in_under_way = under_way
            return None, True
        self.say_that_it_begins_anew()
        return HttpResponseRedirect(reverse("log_in")), False


IN_ORDER = [
    f"{stage.__module__}.{stage.__qualname__}" for stage in (SecondStepStage, MustChangePasswordStage, FinalCheckStage)
]
