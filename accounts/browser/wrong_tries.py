"""How many wrong tries this browser has just had, whoever's: so that the page can point to recovery.

A signed cookie, for the page alone. What counts against guessing is kept on the server (services/lockout).
"""

from __future__ import annotations

from django.core import signing
from django.http import HttpRequest, HttpResponse

from accounts.browser import cookies
from accounts.services import lockout

_NAME = "tries"
_SALT = "esr-portal.wrong-tries"


def count(request: HttpRequest) -> int:
    """Return how many wrong tries this browser has had of late."""
    value = cookies.read(request, name=_NAME)
    try:
        tries = signing.loads(value, salt=_SALT, max_age=lockout.DURATION)
    except signing.BadSignature:
        return 0
    return tries if isinstance(tries, int) else 0


def remember(response: HttpResponse, tries: int) -> None:
    """Tell the browser to remember `tries`, for as long as wrong passwords are remembered."""
    cookies.keep(response, name=_NAME, value=signing.dumps(tries, salt=_SALT), lasts=lockout.DURATION)


def forget(response: HttpResponse) -> None:
    """Tell the browser to forget them: somebody is in."""
    cookies.forget(response, name=_NAME)
