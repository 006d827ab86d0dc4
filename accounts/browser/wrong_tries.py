"""How many wrong tries this browser has just had, for any username: so that the page can point to recovery.

A signed cookie, for the page alone. What counts against guessing is kept on the server (services/lockout.py).
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from accounts.browser import cookies
from accounts.services import lockout

_NAME = "tries"
_SALT = "esr-portal.wrong-tries"


def count(request: HttpRequest) -> int:
    """Return how many wrong tries this browser has had of late."""
    tries = cookies.unsign(cookies.read(request, name=_NAME), salt=_SALT, lasts=lockout.DURATION)
    return int(tries) if tries is not None and tries.isdecimal() else 0


def remember(response: HttpResponse, tries: int) -> None:
    """Tell the browser to remember `tries`, for as long as wrong passwords are remembered."""
    cookies.keep(response, name=_NAME, value=cookies.sign(str(tries), salt=_SALT), lasts=lockout.DURATION)


def forget(response: HttpResponse) -> None:
    """Tell the browser to forget them: the person is in."""
    cookies.forget(response, name=_NAME)
