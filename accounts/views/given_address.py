"""Confirming an address beside the one on record, behind the link that was mailed to it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts import out_of_date, referrer
from accounts.browser import about
from accounts.browser import given_addresses as remembered
from accounts.models.given_address import Purpose
from accounts.models.recovery_request import LINK_LASTS
from accounts.services import given_addresses, leaving
from nhsuk import wording

if TYPE_CHECKING:
    from accounts.browser.slots import Slot


@require_safe
def link(request: HttpRequest, token: str = "") -> HttpResponse:
    """Take the token out of the address before any page is shown. Opening a link does nothing: mail scanners do."""
    return begin(request, remembered.TO_CONFIRM, token, "given_address")


@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    """Ask whether the address is the reader's; confirm it where the button was pressed."""
    try:
        digest = remembered.opened(request, remembered.TO_CONFIRM)
        if request.method == "POST":
            confirmed = given_addresses.confirm(digest=digest)
            remembered.note_confirmed(request, purpose=confirmed.purpose)
            return redirect("given_address_done")
        address = given_addresses.to_confirm(digest=digest)
    except given_addresses.LinkUnusable as unusable:
        return explain(request, unusable)
    context = {
        "about": about.given_address(digest),
        "is_correction": address.purpose == Purpose.CORRECTION,
        "organisation": address.user.organisation.shown_name,
        "ends_at": address.link_expires_at,
    }
    return render(request, "leaving/confirm.html", context)


@require_safe
def done(request: HttpRequest) -> HttpResponse:
    """Say that an address is confirmed."""
    purpose = remembered.confirmed(request)
    if purpose is None:
        return redirect("home")
    context = {"days": leaving.KEPT_AFTER.days, "is_correction": purpose == Purpose.CORRECTION}
    return render(request, "leaving/confirmed.html", context)


def begin(request: HttpRequest, slot: Slot, token: str, page: str) -> HttpResponse:
    """Remember the link that was opened, and go on to `page` without its token in the address."""
    opened = remembered.begin(request, slot, token=token)
    # An empty one is about no link, and is answered as one that does not work.
    return referrer.withhold(redirect(f"{reverse(page)}?{urlencode({about.FIELD: opened or 'none'})}"))


def explain(request: HttpRequest, unusable: given_addresses.LinkUnusable) -> HttpResponse:
    """Say that a link may not be used any more and what to do: one page, whatever the reason.

    But a form about a link that this browser no longer has open, because it has gone on to something else, says that.
    """
    if unusable.reason == remembered.NOT_OPEN and out_of_date.is_out_of_date(request, held=None):
        return out_of_date.page(request)
    context = {"minutes": wording.minutes(LINK_LASTS), "recovery_start": reverse("recovery_start")}
    return render(request, "leaving/link_unusable.html", context, status=410)
