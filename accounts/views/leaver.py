"""What a leaver may still do: one page, behind the link that was mailed to their personal address."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import mail_links
from accounts.browser import about
from accounts.browser import given_addresses as remembered
from accounts.services import given_addresses, leaving
from accounts.views import given_address
from nhsuk import wording


@require_safe
def link(request: HttpRequest, token: str = "") -> HttpResponse:
    """Take the token out of the address, as that of an address to confirm."""
    return given_address.begin(request, remembered.OF_LEAVER, token, "leaver")


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """Show what a leaver may still do, once they have pressed the button behind the link, for a while."""
    if about.sent(request):
        return _use(request)
    key = remembered.still_open(request)
    found = leaving.still_open(address_id=key) if key is not None else None
    if found is None:
        return given_address.explain(request, given_addresses.LinkUnusable("over"))
    context = {
        "still_open": found,
        "payslip_link": _linked(found.payslip_address),
        "help_address": mail_links.asking_for_help(address=found.contact),
        "ends_at": remembered.still_open_until(request),
    }
    return render(request, "leaving/still_open.html", context)


@require_POST
def done(request: HttpRequest) -> HttpResponse:
    """Have this browser show the page no more."""
    remembered.forget_still_open(request)
    return redirect("home")


def _use(request: HttpRequest) -> HttpResponse:
    """Ask whether to show the page that a link leads to, which works once; show it where the button was pressed."""
    try:
        digest = remembered.opened(request, remembered.OF_LEAVER)
        if request.method == "POST":
            address = leaving.use_link(digest=digest)
            remembered.note_still_open(request, address_id=address.pk)
            return redirect("leaver")
        if not given_addresses.leads_somewhere(digest=digest):
            raise given_addresses.LinkUnusable("unknown")
    except given_addresses.LinkUnusable as unusable:
        return given_address.explain(request, unusable)
    context = {"about": about.given_address(digest), "minutes": wording.minutes(remembered.PAGE_LASTS)}
    return render(request, "leaving/show.html", context)


def _linked(payslip_address: str) -> str:
    """Return where a payslip address leads: to a page, or into the reader's mail program."""
    return payslip_address if "@" not in payslip_address else mail_links.asking_for_help(address=payslip_address)
