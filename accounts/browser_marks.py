"""The cookies of services/browsers: reading them from a request, and setting them on an answer."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from accounts import cookies
from accounts.services import browsers


def known_browser(request: HttpRequest, *, username: str) -> str:
    """Return the digest of this browser if it has logged in with `username` before, else ""."""
    return browsers.known_browser(username=username, marks=_marks(request))


def set_mark(request: HttpRequest, response: HttpResponse, *, username: str) -> None:
    """Mark this browser as one that has logged in with `username`; the oldest marks beyond the limit go."""
    mark = browsers.new_mark(username=username)
    cookies.keep(response, name=mark.name, value=mark.value, lasts=browsers.REMEMBERED_FOR)
    for name in browsers.superfluous_marks(marks=_marks(request), keep=mark.name):
        cookies.forget(response, name=name)


def _marks(request: HttpRequest) -> dict[str, str]:
    prefix = settings.COOKIE_PREFIX
    named = {name.removeprefix(prefix): value for name, value in request.COOKIES.items() if name.startswith(prefix)}
    return {name: value for name, value in named.items() if browsers.is_mark_name(name)}
