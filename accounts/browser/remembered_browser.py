"""This browser, where its person is not asked for a second step: a signed cookie for each username, as device cookies.

The server says which of them count, and for how long (services/second_step/remembered_browsers.py). A cookie is good
for one log-in: it grows with it, and the answer brings the next one, whatever it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.http import HttpRequest, HttpResponse

from accounts.browser import cookies
from accounts.identifiers import as_username, keyed_digest
from accounts.services import sessions
from accounts.services.second_step import remembered_browsers
from accounts.services.second_step.remembered_browsers import Remembered, Shown

if TYPE_CHECKING:
    from accounts.models import User

# People who use one browser by turns without a tick that it is shared. Each cookie travels with each request.
MOST = 5

_PREFIX = "r"
_NAME_LENGTH = 16
_BETWEEN = "."


class _Asked(HttpRequest):
    """A request whose browser was asked whether it is remembered: for which username, and what came of it."""

    remembered_browser: tuple[str, Remembered | None]


def name_for(username: str) -> str:
    """Return the name of the cookie for `username` (without the site's prefix), which does not tell the username."""
    digest = keyed_digest(purpose="remembered_browser.name", value=as_username(username))
    return _PREFIX + digest[:_NAME_LENGTH]


def is_one(name: str) -> bool:
    """Return whether a cookie of this name (without the site's prefix) is one of these."""
    return len(name) == len(_PREFIX) + _NAME_LENGTH and name.startswith(_PREFIX)


def may_remember(*, user: User, shared: bool) -> bool:
    """Return whether this browser may be remembered for `user`: whether to show them the tick."""
    return remembered_browsers.may_remember(user=user, shared=shared)


def stands(request: HttpRequest, *, user: User, shared: bool) -> Remembered | None:
    """Return this browser as it is remembered for `user`, whose password was right, or None.

    `shared` is whether the person said that other people use the computer too. The cookie is used up by it: `answer`
    brings the next one to the browser. Where none is asked for, it stays as it is.
    """
    shown = _shown(request, username=user.username)
    if shown is None or not remembered_browsers.are_asked_for():
        return None
    remembered = remembered_browsers.use(user=user, shown=shown, shared=shared)
    cast("_Asked", request).remembered_browser = (user.username, remembered)
    return remembered


def answer(request: HttpRequest, response: HttpResponse) -> None:
    """Have the answer to a request bring what `stands` made of the cookie in it: the middleware asks for each."""
    if not hasattr(request, "remembered_browser"):
        return
    username, remembered = cast("_Asked", request).remembered_browser
    if remembered is None:
        cookies.forget(response, name=name_for(username))
    else:
        _keep(response, username=username, remembered=remembered)


def remember(request: HttpRequest, response: HttpResponse, *, user: User, wished: bool) -> None:
    """Remember this browser for `user`, who is in, where it is `wished` and they may; at a shared computer forget it.

    `user` is as they were when their password and their second step were right.
    """
    shown = _shown(request, username=user.username)
    if sessions.is_at_shared_computer(session=request.session):
        if shown is not None:
            remembered_browsers.forget_series(user=user, series=shown.series, reason="shared_computer")
            cookies.forget(response, name=name_for(user.username))
        return
    if not wished:
        return
    remembered = remembered_browsers.remember(user=user, in_place_of=shown.series if shown else "")
    if remembered is not None:
        _keep(response, username=user.username, remembered=remembered)
        for name in cookies.superfluous(cookies.sent(request, like=is_one), keep=name_for(user.username), most=MOST):
            cookies.forget(response, name=name)


def _keep(response: HttpResponse, *, username: str, remembered: Remembered) -> None:
    shown = remembered.shown
    value = cookies.sign(f"{shown.series}{_BETWEEN}{shown.counter}", salt=_salt(username))
    cookies.keep(response, name=name_for(username), value=value, lasts=remembered.lasts)


def _shown(request: HttpRequest, *, username: str) -> Shown | None:
    """Return what this browser's cookie for `username` shows, or None where it has none that we made of late."""
    sent = cookies.read(request, name=name_for(username))
    value = cookies.unsign(sent, salt=_salt(username), lasts=remembered_browsers.LASTS)
    if value is None:
        return None
    series, _, counter = value.partition(_BETWEEN)
    return Shown(series=series, counter=int(counter))


def _salt(username: str) -> str:
    """Return what the cookie is signed with: one for another username says nothing for this one."""
    return f"esr-portal.remembered-browser.{as_username(username)}"
