"""Views for people who are logged in."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse

from accounts import out_of_date
from accounts.browser import about
from accounts.models import User


class LoggedInRequest(HttpRequest):
    """A request of a person who is logged in."""

    user: User


def logged_in(view: Callable[[LoggedInRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Return `view` for people who are logged in; the others are sent to the log-in page, and back from there.

    A form that does not say that it is about that person is answered by the page that says so, and the view never sees
    it: another person may have logged in in another tab meanwhile, or be about to.
    """
    for_the_logged_in = cast("Callable[[HttpRequest], HttpResponse]", login_required(cast("Any", view)))

    @functools.wraps(view)
    def answer(request: HttpRequest) -> HttpResponse:
        if out_of_date.is_out_of_date(request, held=about.of(request)):
            return out_of_date.page(request)
        return for_the_logged_in(request)

    return answer
