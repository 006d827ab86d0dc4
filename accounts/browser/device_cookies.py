"""Browsers that have logged in before: a signed cookie for each username, which says neither whose nor what it is.

It buys its browser a counter of wrong passwords of its own (services/lockout.py), and is no proof of anything else.
Source: OWASP, "Slow Down Online Guessing Attacks with Device Cookies".
"""

from __future__ import annotations

import datetime
import secrets
from typing import TYPE_CHECKING

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare

from accounts.browser import cookies
from accounts.identifiers import keyed_digest, normalise_username

if TYPE_CHECKING:
    from collections.abc import Mapping

# Beyond the longest leave; a browser that is not used for this long is a stranger again.
REMEMBERED_FOR = datetime.timedelta(days=400)
# A ward PC sees hundreds of people, and each cookie travels with each request: the oldest give way.
MOST = 20

_PREFIX = "b"
_NAME_LENGTH = 16


def known_browser(request: HttpRequest, *, username: str) -> str:
    """Return the digest that this browser's own counter is kept under, or "" where it does not know `username`."""
    return counter_digest(username=username, sent=_sent(request))


def remember(request: HttpRequest, response: HttpResponse, *, username: str) -> None:
    """Have this browser remember that it has logged in with `username`; the oldest beyond MOST go."""
    name = cookie_name(username)
    cookies.keep(response, name=name, value=new_value(username=username), lasts=REMEMBERED_FOR)
    for each in superfluous(sent=_sent(request), keep=name):
        cookies.forget(response, name=each)


def cookie_name(username: str) -> str:
    """Return the name of the cookie for `username` (without the site's prefix); it does not tell the username."""
    return _PREFIX + keyed_digest(purpose="browser.name", value=normalise_username(username))[:_NAME_LENGTH]


def is_device_cookie(name: str) -> bool:
    """Return whether a cookie of this name (without the site's prefix) is one of these."""
    return len(name) == len(_PREFIX) + _NAME_LENGTH and name.startswith(_PREFIX)


def new_value(*, username: str) -> str:
    """Return the value of a fresh cookie for a browser that has just logged in with `username`."""
    return _signer(username).sign(secrets.token_urlsafe(16))


def counter_digest(*, username: str, sent: Mapping[str, str]) -> str:
    """Return what the counter of a browser is kept under, or "" where it does not know `username`.

    `sent` are its device cookies, by name without the site's prefix.
    """
    try:
        nonce = _signer(username).unsign(sent.get(cookie_name(username), ""), max_age=REMEMBERED_FOR)
    except signing.BadSignature:
        return ""
    return keyed_digest(purpose="browser.counter", value=nonce)


def superfluous(*, sent: Mapping[str, str], keep: str) -> list[str]:
    """Return the names of the cookies to delete so that MOST are left with the one named `keep`, the oldest first."""
    others = [name for name in sent if is_device_cookie(name) and not constant_time_compare(name, keep)]
    others.sort(key=lambda name: _age_hint(sent[name]))
    return others[: max(0, len(others) - (MOST - 1))]


def _sent(request: HttpRequest) -> dict[str, str]:
    prefix = settings.COOKIE_PREFIX
    named = {name.removeprefix(prefix): value for name, value in request.COOKIES.items() if name.startswith(prefix)}
    return {name: value for name, value in named.items() if is_device_cookie(name)}


def _signer(username: str) -> signing.TimestampSigner:
    # The username is part of the salt: a cookie for one name says nothing for another.
    return signing.TimestampSigner(salt=f"esr-portal.browser.{normalise_username(username)}")


def _age_hint(value: str) -> int:
    """Return the time a cookie says it was made at, without believing it: it only chooses which to drop."""
    parts = value.split(":")
    try:
        return signing.b62_decode(parts[1]) if len(parts) == 3 else 0
    except ValueError:
        return 0
