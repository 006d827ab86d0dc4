"""The security page: what protects the account, and where its person is logged in."""

from __future__ import annotations

import re

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.browser import preferred_method
from accounts.logged_in import LoggedInRequest, logged_in, proved_lately
from accounts.services import activity, protection, second_step, signed_in
from accounts.services.second_step import remembered_browsers

# The primary key of a row, as a form has it: no longer than a database takes.
_KEY = re.compile(r"[0-9]{1,18}", re.ASCII)


@logged_in
@require_safe
def show(request: LoggedInRequest) -> HttpResponse:
    """List what protects the account of the person, and the browsers in which they are logged in."""
    context = {
        "person": request.user,
        "protection": protection.of(user=request.user),
        "all_codes": protection.ALL_CODES,
        "browsers": signed_in.of(user=request.user, session_key=request.session.session_key),
        "care_identity_is_offered": preferred_method.is_offered(),
    }
    return render(request, "security/security.html", context)


@logged_in
@require_safe
def show_activity(request: LoggedInRequest) -> HttpResponse:
    """Say what happened to the account lately."""
    page = activity.page(user=request.user, before=request.GET.get("before", ""))
    context = {"page": page, "days": activity.SHOWN_FOR.days, "is_first": "before" not in request.GET}
    return render(request, "security/activity.html", context)


@logged_in
@proved_lately
@require_http_methods(["GET", "HEAD", "POST"])
def end_session(request: LoggedInRequest) -> HttpResponse:
    """Log out one browser. After a proof the person is back at the list, and presses again."""
    if request.method == "POST":
        here, name = request.session.session_key, request.POST.get("browser", "")
        if signed_in.end(user=request.user, name=name, but=here):
            messages.success(request, _("That browser was logged out."))
        else:
            messages.info(request, _("That browser was logged out already."))
    return redirect("security")


@logged_in
@proved_lately
@require_http_methods(["GET", "HEAD", "POST"])
def end_other_sessions(request: LoggedInRequest) -> HttpResponse:
    """Log out every browser but this one."""
    if request.method == "POST":
        signed_in.end_others(user=request.user, but=request.session.session_key)
        messages.success(request, _("You were logged out everywhere but here."))
    return redirect("security")


@logged_in
@proved_lately
@require_http_methods(["GET", "HEAD", "POST"])
def forget_browser(request: LoggedInRequest) -> HttpResponse:
    """Ask for a second step again in a browser that is remembered."""
    if request.method == "POST":
        pk = request.POST.get("browser", "")
        if _KEY.fullmatch(pk) and remembered_browsers.forget(user=request.user, pk=int(pk)):
            messages.success(request, _("That browser is asked for a second step again."))
        else:
            messages.info(request, _("That browser was forgotten already."))
    return redirect("security")


@logged_in
@proved_lately
@require_http_methods(["GET", "HEAD", "POST"])
def remove_app(request: LoggedInRequest) -> HttpResponse:
    """Ask whether the person means to remove their authenticator app; on POST, remove it."""
    if request.method == "POST":
        try:
            here = request.session.session_key
            if second_step.remove_authenticator(user=request.user, session_key=here):
                messages.success(request, _("Your authenticator app was removed."))
        except second_step.LastWay:
            messages.info(request, _("Nothing was removed. You need a second step: add another one first."))
        return redirect("security")
    if protection.of(user=request.user).authenticator is None:
        return redirect("security")
    return render(request, "security/remove_app.html", {"person": request.user})
