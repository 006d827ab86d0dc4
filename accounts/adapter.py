"""The seam to django-allauth: what it asks of us, and the two calls that we make of it.

Private modules of allauth (`allauth.account.internal`) are touched here and in stages.py alone.
"""

from __future__ import annotations

from typing import Any

import django_otp
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import perform_login, perform_password_login
from allauth.account.internal.stagekit import clear_login
from allauth.account.models import Login
from django.contrib.auth import login as django_login
from django.contrib.auth import logout as django_logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django_otp.models import Device

from accounts.browser import device_cookies, log_out_offer, recovery
from accounts.models import User
from accounts.proof import Proof
from accounts.services import log_in, sessions

BACKEND = "accounts.backends.PasswordBackend"
# Where a visitor's session keeps a proof of Care Identity for which a login is still to be chosen.
CHOICE = "care_identity_choice"
# Where it keeps why Care Identity let somebody in nowhere, with the number that no login has.
REFUSAL = "care_identity_refusal"


def enter(request: HttpRequest, *, user: User, browser: str, next_url: str) -> HttpResponse:
    """Take a user whose password was right through the stages; return the answer: a stage's page, or where they land.

    `browser` is the digest of a browser that knows them, or "". What a former person left in this browser is dropped.
    """
    leave(request)
    state = {"password_fingerprint": log_in.fingerprint(user), "browser": browser}
    pending = Login(user=user, redirect_url=local_address(request, next_url), state=state)
    return perform_password_login(request, {"username": user.username}, pending)


def enter_by_care_identity(
    request: HttpRequest, *, user: User, proof: Proof, id_token: str, next_url: str
) -> HttpResponse:
    """Take a user who is who Care Identity said through the stages; return the answer, as `enter` does.

    `id_token` is what Care Identity signed: the session keeps it, to name itself when it logs out there.
    """
    leave(request)
    state = {
        "password_fingerprint": log_in.fingerprint(user),
        "browser": "",
        "care_identity": proof.as_dict(),
        "care_identity_id_token": id_token,
    }
    return perform_login(request, Login(user=user, redirect_url=local_address(request, next_url), state=state))


def leave(request: HttpRequest) -> None:
    """End this browser's session, or its half-finished log-in, and leave nothing of it."""
    django_logout(request)


def forget_half_finished(request: HttpRequest) -> None:
    """Drop a half-finished log-in, log-out or recovery: whoever opens the log-in page starts anew."""
    clear_login(request)
    recovery.forget(request)
    log_out_offer.forget(request)
    for kept in (CHOICE, REFUSAL):
        request.session.pop(kept, None)


def local_address(request: HttpRequest, address: str) -> str | None:
    """Return `address` if it leads to a page of ours, else None."""
    if not address.startswith("/"):
        return None
    safe = url_has_allowed_host_and_scheme(address, allowed_hosts=None, require_https=request.is_secure())
    return address if safe else None


class AccountAdapter(DefaultAccountAdapter):
    """What allauth's log-in asks of us."""

    def get_login_stages(self) -> list[str]:
        """Return the stages between a right password and a session, in order."""
        return [
            "accounts.stages.SecondStepStage",
            "accounts.stages.MustChangePasswordStage",
            "accounts.stages.FinalCheckStage",
        ]

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Return False: accounts come from ESR, nobody signs up."""
        return False

    def is_safe_url(self, url: str) -> bool:
        """Return whether `url` leads to a page of ours."""
        return local_address(self.request, url) is not None

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Add none: the pages say what happened."""

    def login(self, request: HttpRequest, user: Any) -> None:
        """Make the session, after the last stage; the second step's device is attached last."""
        django_login(request, user, backend=BACKEND)
        event = log_in.finish(user=user, proof=user.care_identity_proof)
        sessions.begin(session=request.session, log_in_event=event.pk, by=user.care_identity_proof)
        if user.care_identity_id_token:
            request.session[log_out_offer.ID_TOKEN] = user.care_identity_id_token
        device = Device.from_persistent_id(user.second_step_passed) if user.second_step_passed else None
        if device is not None:
            django_otp.login(request, device)

    def post_login(self, request: HttpRequest, user: Any, *, redirect_url: str | None, **kwargs: Any) -> HttpResponse:
        """Return where a person lands, and mark this browser as one that knows them."""
        response = HttpResponseRedirect(redirect_url or resolve_url("my_esr"))
        device_cookies.remember(request, response, username=user.username)
        return response
