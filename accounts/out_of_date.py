"""Forms that are about something else than what their browser is with by now: in another tab, or after Back."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts import stages
from accounts.browser import about, slots


def is_out_of_date(request: HttpRequest, *, held: str | None) -> bool:
    """Return whether a form was sent that is about something else than what this browser is with.

    `held` is what the session holds of the form's kind, or None. Where it holds nothing at all, the form is not out of
    date: its page says where to begin again.
    """
    if request.method != "POST":
        return False
    if held is not None:
        return not about.says(request, held)
    return request.user.is_authenticated or slots.holds_begun(request.session) or bool(stages.pending(request))


def page(request: HttpRequest) -> HttpResponse:
    """Say that nothing was done, with whom this browser is now, and what to do next. 409: a conflict (RFC 9110)."""
    return render(request, "errors/out_of_date.html", {"under_way": stages.pending(request)}, status=409)
