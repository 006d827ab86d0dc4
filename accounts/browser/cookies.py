"""Cookies of ours besides the session's: all under one prefix, and out of the reach of scripts and other sites."""

from __future__ import annotations

import datetime

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token


def read(request: HttpRequest, *, name: str) -> str:
    """Return what the browser kept under `name`, or "". A browser may send anything."""
    return request.COOKIES.get(settings.COOKIE_PREFIX + name, "")


def keep(response: HttpResponse, *, name: str, value: str, lasts: datetime.timedelta) -> None:
    """Have the browser keep `value` under `name`."""
    response.set_cookie(
        settings.COOKIE_PREFIX + name,
        value,
        max_age=int(lasts.total_seconds()),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def forget(response: HttpResponse, *, name: str) -> None:
    """Have the browser forget what it kept under `name`."""
    keep(response, name=name, value="", lasts=datetime.timedelta(0))


def secret_of_browser(request: HttpRequest) -> str:
    """Return what this browser alone holds, until the next log-in in it: the secret of its CSRF cookie.

    The answer brings the cookie along where the browser has none yet.
    """
    get_token(request)
    return str(request.META["CSRF_COOKIE"])


def sign(value: str, *, salt: str) -> str:
    """Return `value` signed: it can be read, but not made or changed without the portal's secret key.

    `salt` says what it is for: what is signed for one purpose is worth nothing for another.
    """
    return signing.TimestampSigner(salt=salt).sign(value)


def unsign(signed: str, *, salt: str, lasts: datetime.timedelta) -> str | None:
    """Return the value that `sign` made `signed` of no longer than `lasts` ago, or None where it did not."""
    try:
        return signing.TimestampSigner(salt=salt).unsign(signed, max_age=lasts)
    except signing.BadSignature:
        return None
