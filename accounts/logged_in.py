"""Views for people who are logged in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse

from accounts.models import User


class LoggedInRequest(HttpRequest):
    """A request of a person who is logged in."""

    user: User


def logged_in(view: Callable[[LoggedInRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Return `view` for people who are logged in; the others are sent to the log-in page, and back from there."""
    return cast("Callable[[HttpRequest], HttpResponse]", login_required(cast("Any", view)))
