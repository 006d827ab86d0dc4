"""Which way in the person wants to see first: a cookie without personal data, set and forgotten when they say so."""

from __future__ import annotations

import datetime

from django.http import HttpRequest, HttpResponse

from accounts.browser import cookies
from accounts.services import care_identities

CARE_IDENTITY = "care-identity"
REMEMBERED_FOR = datetime.timedelta(days=365)
_NAME = "way-in"


def is_care_identity(request: HttpRequest) -> bool:
    """Return whether this browser was told to show Care Identity first, and the portal offers it."""
    return is_offered() and cookies.read(request, name=_NAME) == CARE_IDENTITY


def is_offered() -> bool:
    """Return whether people can log in with their Care Identity here."""
    return care_identities.are_connected()


def remember(response: HttpResponse) -> None:
    """Have the browser remember Care Identity."""
    cookies.keep(response, name=_NAME, value=CARE_IDENTITY, lasts=REMEMBERED_FOR)


def forget(response: HttpResponse) -> None:
    """Have the browser forget it."""
    cookies.forget(response, name=_NAME)
