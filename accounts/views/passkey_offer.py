"""The page that offers a passkey to a person who has just logged in with a password."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts import adapter
from accounts.browser import about, after_log_in
from accounts.logged_in import LoggedInRequest, form_of, logged_in
from accounts.services import passkey_log_in, second_step, sessions


@require_safe
@logged_in
def start(request: LoggedInRequest) -> HttpResponse:
    """Say what a passkey is, and offer to make one. Where the log-in led here, that it was shown is noted, once."""
    next_url = adapter.local_address(request, request.GET.get("next", "")) or reverse("my_esr")
    shared = sessions.is_at_shared_computer(session=request.session)
    if not second_step.passkeys.are_on() or not passkey_log_in.may_be_offered(user=request.user, shared=shared):
        return redirect(next_url)
    if request.method == "GET" and after_log_in.led_to_passkey_offer(request):
        passkey_log_in.note_offered(user=request.user)
    context = {
        "about": about.person(request.user),
        "next": next_url,
        "quiet": passkey_log_in.may_be_made_quietly(user=request.user, shared=shared),
    }
    return render(request, "passkeys/offer.html", context)


@logged_in
@form_of("passkey_offer")
def later(request: LoggedInRequest) -> HttpResponse:
    """Note that the person does not want one now, and go on."""
    passkey_log_in.note_offered(user=request.user)
    return redirect(adapter.local_address(request, request.POST.get("next", "")) or "my_esr")
