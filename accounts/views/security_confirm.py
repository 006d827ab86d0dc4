"""Proving again who one is, before what protects the account is changed."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import adapter
from accounts.browser import device_cookies, preferred_method
from accounts.forms.security import ConfirmForm
from accounts.logged_in import LoggedInRequest, logged_in, note_proof
from accounts.services import password_change, proving_again, sessions
from accounts.views.password import why_refused
from nhsuk import wording


@sensitive_post_parameters()
@logged_in
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: LoggedInRequest) -> HttpResponse:
    """Ask for a passkey, the password or Care Identity, and go on to the page that asked for it."""
    user, is_sent = request.user, request.method == "POST"
    next_url = adapter.local_address(request, (request.POST if is_sent else request.GET).get("next", ""))
    next_url = next_url or reverse("security")
    if not is_sent and sessions.is_proved_lately(session=request.session):
        return redirect(next_url)
    ways = proving_again.ways(user=user, care_identity_is_offered=preferred_method.is_offered())
    form = ConfirmForm(request.POST if is_sent else None) if ways.password else None
    if form is not None and form.is_valid():
        browser = device_cookies.known_browser(request, username=user.username)
        try:
            proving_again.by_password(user=user, password=form.cleaned_data["current_password"], browser=browser)
        except password_change.CurrentPasswordRefused as refused:
            form.add_error("current_password", why_refused(refused))
        else:
            note_proof(request)
            return redirect(next_url)
    minutes = wording.minutes(sessions.PROOF_LASTS)
    context = {"form": form, "person": user, "ways": ways, "next": next_url, "minutes": minutes}
    return render(request, "security/confirm.html", context)
