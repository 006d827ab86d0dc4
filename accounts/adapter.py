"""The seam to django-allauth: what it asks of us, and the two calls that we make of it.

Private modules of allauth (`allauth.account.internal`) are touched here and in stages.py alone.
"""

from __future__ import annotations

from typing import Any, cast

import django_otp
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import perform_login, perform_password_login
from allauth.account.internal.stagekit import clear_login
from allauth.account.models import Login
from django.contrib import messages
from django.contrib.auth import login as django_login
from django.contrib.auth import logout as django_logout
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django_otp.models import Device

from accounts import languages, stages
from accounts.browser import (
    after_log_in,
    device_cookies,
    log_out_offer,
    other_accounts,
    recovery_asked,
    remembered_browser,
    slots,
)
from accounts.log_in_under_way import LogInUnderWay
from accounts.models import User
from accounts.proof import Proof
from accounts.services import freezing, last_check, log_in, new_browser, sessions, switching

BACKEND = "accounts.backends.PasswordBackend"


def enter(request: HttpRequest, *, user: User, browser: str, next_url: str, shared: bool = False) -> HttpResponse:
    """Take a user whose password was right through the stages; return the answer: a stage's page, or where they land.

    `browser` is the digest of a browser that knows them, or "". `next_url` is where they want to go, passed over unless
    it is a page of ours. `shared` is whether other people use the computer too, as the person says. What the person
    before left in this browser is dropped.
    """
    under_way = LogInUnderWay(password_fingerprint=log_in.fingerprint(user), browser=browser, shared=shared)
    pending = _begin(request, user=user, under_way=under_way, next_url=next_url)
    return perform_password_login(request, {"username": user.username}, pending)


def enter_by_care_identity(
    request: HttpRequest, *, user: User, proof: Proof, id_token: str, next_url: str, shared: bool = False
) -> HttpResponse:
    """Take the user that Care Identity named through the stages; return the answer, as `enter` does.

    `id_token` is what Care Identity signed: the session keeps it, to name itself when it logs out there.
    """
    fingerprint = log_in.fingerprint(user)
    under_way = LogInUnderWay(password_fingerprint=fingerprint, proof=proof, id_token=id_token, shared=shared)
    return perform_login(request, _begin(request, user=user, under_way=under_way, next_url=next_url))


def switch_by_care_identity(request: HttpRequest, *, user: User, left: User, proof: Proof) -> HttpResponse:
    """Take `left`, who is logged in, to their other account `user` through all its stages; return the answer.

    `proof` is what their session began with: it must open `user` too, and still be in force.
    """
    under_way = LogInUnderWay(
        password_fingerprint=log_in.fingerprint(user),
        proof=proof,
        id_token=log_out_offer.id_token(request),
        shared=sessions.is_at_shared_computer(session=request.session),
        came_from=sessions.left_for_another_account(session=request.session, user=left),
    )
    other_accounts.ask_to_keep(request)
    return perform_login(request, _begin(request, user=user, under_way=under_way, next_url=""))


def enter_with_passkey(
    request: HttpRequest, *, user: User, passkey: Device, next_url: str, shared: bool = False
) -> HttpResponse:
    """Take `user`, whose passkey was right, through the stages; return the answer, as `enter` does.

    The session knows the passkey as its second step, so that the admin opens.
    """
    under_way = LogInUnderWay(
        password_fingerprint=log_in.fingerprint(user),
        passkey=passkey.pk,
        second_step=str(passkey.persistent_id),
        shared=shared,
    )
    return perform_login(request, _begin(request, user=user, under_way=under_way, next_url=next_url))


def _begin(request: HttpRequest, *, user: User, under_way: LogInUnderWay, next_url: str) -> Login:
    parked = other_accounts.set_aside(request, user=user, shared=under_way.shared)
    leave(request)
    other_accounts.hold(request, parked)
    return Login(user=user, redirect_url=local_address(request, next_url), state=under_way.to_state())


def leave(request: HttpRequest) -> None:
    """End this browser's session, or its half-finished log-in, and leave nothing of it, nor of its other accounts."""
    other_accounts.end_all(request)
    django_logout(request)


def forget_half_finished(request: HttpRequest) -> None:
    """Drop a half-finished log-in, log-out or recovery: the person who opens the log-in page starts anew.

    So do the other accounts that the log-in would have held.
    """
    other_accounts.forget_all(request)
    clear_login(request)
    slots.forget_half_finished(request.session)


def local_address(request: HttpRequest, address: str) -> str | None:
    """Return `address` if it leads to a page of ours, else None: none of ours has characters that cannot be seen."""
    if not address.startswith("/") or not address.isprintable():
        return None
    safe = url_has_allowed_host_and_scheme(address, allowed_hosts=None, require_https=request.is_secure())
    return address if safe else None


class AccountAdapter(DefaultAccountAdapter):
    """What allauth's log-in asks of us."""

    def get_login_stages(self) -> list[str]:
        """Return the stages between a right password and a session, in order."""
        return stages.IN_ORDER

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Return False: accounts come from ESR, and no person signs up."""
        return False

    def is_safe_url(self, url: str) -> bool:
        """Return whether `url` leads to a page of ours."""
        return local_address(self.request, url) is not None

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Add none: the pages say what happened."""

    def login(self, request: HttpRequest, user: Any) -> None:
        """Make the session, after the last stage; the second step's device is attached last."""
        under_way = cast("stages.Passed", request).log_in_under_way
        # First: the session holds whether the password is frozen.
        freezing.lift(user=user)
        django_login(request, user, backend=BACKEND)
        device = Device.from_persistent_id(under_way.second_step) if under_way.second_step else None
        with transaction.atomic():
            self._record(request, user=user, under_way=under_way)
            if under_way.id_token:
                log_out_offer.prepare(request, id_token=under_way.id_token)
            if device is not None:
                django_otp.login(request, device)
            request.session.save()
        # What takes a second step or a link away ends the sessions that it finds: it finds this one, or we see it.
        if under_way.leans_on_a_row and not last_check.stands(user=user, under_way=under_way):
            leave(request)

    def _record(self, request: HttpRequest, *, user: User, under_way: LogInUnderWay) -> None:
        """Record the log-in, tell of it where the browser is new to the person, and start the session's clocks."""
        event = log_in.finish(
            user=user,
            proof=under_way.proof,
            by_passkey=under_way.passkey is not None,
            in_language=languages.current(),
        )
        if under_way.proof is None and not device_cookies.has_been_here(request, username=user.username):
            new_browser.tell(user=user, event=event, shared=under_way.shared)
        sessions.begin(
            session=request.session,
            log_in_event=event.pk,
            by=under_way.proof,
            shared=under_way.shared,
            came_from=under_way.came_from,
            second_step_shown=under_way.second_step_shown,
        )
        if under_way.came_from:
            switching.record(left=under_way.came_from.user_id, entered=user.pk)

    def post_login(self, request: HttpRequest, user: Any, *, redirect_url: str | None, **kwargs: Any) -> HttpResponse:
        """Return where a person lands, and have this browser remember that it knows them, and what they wish."""
        under_way = cast("stages.Passed", request).log_in_under_way
        if not request.user.is_authenticated:
            messages.error(request, stages.CHANGED_MEANWHILE)
            return HttpResponseRedirect(resolve_url("log_in"))
        response = HttpResponseRedirect(
            after_log_in.next_page(
                request, user=user, under_way=under_way, wanted=redirect_url or resolve_url("my_esr")
            )
        )
        device_cookies.remember(request, response, user=user)
        wished = under_way.remember and bool(under_way.second_step)
        remembered_browser.remember(request, response, user=user, wished=wished)
        if sessions.is_at_shared_computer(session=request.session):
            recovery_asked.forget(request, response)
        return response
