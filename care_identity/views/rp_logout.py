"""Logging out of Care Identity too, after logging out of the portal."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from accounts.browser import log_out_offer
from care_identity.services import rp_logout
from care_identity.services.refusals import Refused


@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    """Send the person who has just logged out to Care Identity to log out there, or say what to do where that fails."""
    offer = log_out_offer.find(request)
    if offer is None or not offer.id_token:
        return redirect("log_out")
    log_out_offer.forget(request)
    try:
        address = rp_logout.end_session_address(kept=offer.id_token)
    except Refused:
        return render(request, "care_identity/still_logged_in.html")
    # A page, and not a redirect: see the way to log in.
    response = render(request, "care_identity/going.html", {"address": address})
    response.headers["Refresh"] = f"0; url={address}"
    return response
