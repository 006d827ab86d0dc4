"""Cookies of ours besides the session's: all under one prefix, and out of the reach of scripts and other sites."""

from __future__ import annotations

import datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse


def read(request: HttpRequest, *, name: str) -> str:
    """Return what the browser kept under `name`, or "". Anybody can have written it."""
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
