"""Which way in somebody wants to see first: a cookie with no personal data, set and forgotten when they say so."""

from __future__ import annotations

import datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse

CARE_IDENTITY = "care-identity"
REMEMBERED_FOR = datetime.timedelta(days=365)
_NAME = "way-in"


def is_care_identity(request: HttpRequest) -> bool:
    """Return whether this browser was told to show Care Identity first, and the portal offers it."""
    return is_offered() and request.COOKIES.get(settings.COOKIE_PREFIX + _NAME) == CARE_IDENTITY


def is_offered() -> bool:
    """Return whether people can log in with their Care Identity here."""
    return bool(settings.CARE_IDENTITY_DISCOVERY_URL)


def remember(response: HttpResponse) -> None:
    """Have the browser remember Care Identity."""
    response.set_cookie(
        settings.COOKIE_PREFIX + _NAME,
        CARE_IDENTITY,
        max_age=int(REMEMBERED_FOR.total_seconds()),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def forget(response: HttpResponse) -> None:
    """Have the browser forget it."""
    response.set_cookie(
        settings.COOKIE_PREFIX + _NAME,
        "",
        max_age=0,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
