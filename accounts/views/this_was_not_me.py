"""“This was not me”: the page behind the link of a mail, the button in My ESR, and what comes next."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts import out_of_date, referrer
from accounts.browser import about
from accounts.browser import this_was_not_me as remembered
from accounts.logged_in import LoggedInRequest, logged_in
from accounts.models import User
from accounts.services import freezing


@require_safe
def link(request: HttpRequest, token: str = "") -> HttpResponse:
    """Take the token out of the address before any page is shown. Opening a link does nothing: mail scanners do."""
    opened = remembered.begin(request, token=token)
    page = reverse("this_was_not_me")
    return referrer.withhold(redirect(f"{page}?{urlencode({about.FIELD: opened})}" if opened else page))


@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    """Ask whether to stop the account of the person whose mail it was; stop it where the button was pressed."""
    try:
        opened = remembered.link(request)
        user = freezing.use(link=opened) if request.method == "POST" else freezing.whose(link=opened)
    except freezing.LinkUnusable as unusable:
        return _explain(request, unusable)
    if request.method == "POST":
        return _stopped(request, user)
    context = {"person": user, "about": about.not_me(opened.key), "ends_at": remembered.ends_at(request)}
    return render(request, "this_was_not_me/confirm.html", context)


@logged_in
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: LoggedInRequest) -> HttpResponse:
    """Ask a person who is logged in whether to stop their account, because it logs out everywhere; stop it.

    No proof is asked for again: the person must be quick, and another who has the session only loses it.
    """
    user = request.user
    if request.method == "POST":
        freezing.freeze(user=user)
        return _stopped(request, user)
    return render(request, "this_was_not_me/stop.html", {"person": user})


def _stopped(request: HttpRequest, user: User) -> HttpResponse:
    remembered.finish(request, user=user)
    return redirect("this_was_not_me_done")


@require_safe
def done(request: HttpRequest) -> HttpResponse:
    """Say that the account is stopped, and what to do next."""
    user = remembered.stopped(request)
    if user is None:
        return redirect("home")
    return render(request, "this_was_not_me/done.html", {"person": user})


def _explain(request: HttpRequest, unusable: freezing.LinkUnusable) -> HttpResponse:
    """Say that a link may not be used any more and what to do: one page, whatever the reason.

    But a form about a link that this browser no longer has open, because it has gone on to something else, says that.
    """
    if unusable.reason == remembered.NOT_OPEN and out_of_date.is_out_of_date(request, held=None):
        return out_of_date.page(request)
    context = {"days": freezing.LASTS.days, "recovery_start": reverse("recovery_start")}
    return render(request, "this_was_not_me/link_unusable.html", context, status=410)
