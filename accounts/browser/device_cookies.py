"""Browsers that have logged in before: a signed cookie for each username, which says neither whose nor what it is.

It buys its browser a counter of wrong passwords of its own (services/lockout.py), and is no proof of anything else.
Which of them count is the server's to say (services/device_cookies.py).
Source: OWASP, "Slow Down Online Guessing Attacks with Device Cookies".
"""

from __future__ import annotations

import dataclasses
import secrets
from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse

from accounts.browser import cookies
from accounts.identifiers import as_username, keyed_digest
from accounts.services import device_cookies as on_the_server
from accounts.services import sessions

if TYPE_CHECKING:
    from accounts.models import User

REMEMBERED_FOR = on_the_server.REMEMBERED_FOR
# A ward PC sees hundreds of people, and each cookie travels with each request: the oldest give way.
MOST = 20

_PREFIX = "b"
_NAME_LENGTH = 16


@dataclasses.dataclass(frozen=True, slots=True)
class DeviceCookie:
    """The cookie for one username: its name (without the site's prefix), which does not tell the username, and a salt.

    The salt is what it is signed with: a cookie for another username says nothing for this one.
    """

    name: str
    salt: str


def cookie_for(username: str) -> DeviceCookie:
    """Return which cookie is the one for `username`."""
    username = as_username(username)
    digest = keyed_digest(purpose="browser.name", value=username)
    return DeviceCookie(name=_PREFIX + digest[:_NAME_LENGTH], salt=f"esr-portal.browser.{username}")


def known_browser(request: HttpRequest, *, username: str) -> str:
    """Return the digest that this browser's own counter is kept under, or "" where it does not know `username`.

    The database is asked only where we made the cookie for this very username: no other browser learns a name by it.
    """
    digest = _digest_sent(request, cookie_for(username))
    return digest if digest and on_the_server.counts(username=username, digest=digest) else ""


def has_been_here(request: HttpRequest, *, username: str) -> bool:
    """Return whether `username` has logged in with this browser before, with whichever password.

    It is asked of a person who is in, to tell them of a browser that is new to them: a cookie whose counter has ended
    says that too.
    """
    return bool(_digest_sent(request, cookie_for(username)))


def remember(request: HttpRequest, response: HttpResponse, *, user: User) -> None:
    """Have this browser remember that it has logged in as `user`, in place of what it remembered of them before.

    `user` is as they were when their password, or Care Identity, was right. The oldest cookies beyond MOST go. At a
    shared computer it remembers nothing of them, and forgets what it did.
    """
    cookie = cookie_for(user.username)
    if sessions.is_at_shared_computer(session=request.session):
        if cookies.read(request, name=cookie.name):
            cookies.forget(response, name=cookie.name)
        return
    value = new_value(cookie)
    on_the_server.remember(
        user=user, digest=counter_digest(cookie, value=value), in_place_of=_digest_sent(request, cookie)
    )
    cookies.keep(response, name=cookie.name, value=value, lasts=REMEMBERED_FOR)
    for name in cookies.superfluous(cookies.sent(request, like=is_device_cookie), keep=cookie.name, most=MOST):
        cookies.forget(response, name=name)


def is_device_cookie(name: str) -> bool:
    """Return whether a cookie of this name (without the site's prefix) is one of these."""
    return len(name) == len(_PREFIX) + _NAME_LENGTH and name.startswith(_PREFIX)


def new_value(cookie: DeviceCookie) -> str:
    """Return a fresh value for the cookie of a browser that has just logged in."""
    return cookies.sign(secrets.token_urlsafe(16), salt=cookie.salt)


def counter_digest(cookie: DeviceCookie, *, value: str) -> str:
    """Return what the counter of a browser with this `value` is kept under, or "" where we did not make the value."""
    nonce = cookies.unsign(value, salt=cookie.salt, lasts=REMEMBERED_FOR)
    return keyed_digest(purpose="browser.counter", value=nonce) if nonce is not None else ""


def _digest_sent(request: HttpRequest, cookie: DeviceCookie) -> str:
    return counter_digest(cookie, value=cookies.read(request, name=cookie.name))
