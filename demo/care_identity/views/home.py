"""The stand-in's first page, and the pages for what went wrong."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from demo.care_identity import cards, configuration, proofs


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Say what this is, and who is logged in."""
    proof = proofs.of(request)
    card = cards.find(proof.uid) if proof else None
    return render(request, "stand_in/home.html", {"proof": proof, "card": card, "portal": configuration.PORTAL})


def refused(request: HttpRequest, why: str, *, status: int = 400) -> HttpResponse:
    """Answer a page that says why not, and what to do."""
    context = {"why": why, "portal": configuration.PORTAL}
    return render(request, "stand_in/refused.html", context, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that cannot be read."""
    return refused(request, _("This request cannot be read."))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that is not allowed."""
    return refused(request, _("This is not allowed."), status=403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form that was not sent from a page of ours."""
    return refused(request, _("This form was not sent from a page of ours, or cookies are off."), status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer an address that is not there."""
    return refused(request, _("There is no such page here."), status=404)


def failed(request: HttpRequest) -> HttpResponse:
    """Answer a fault of our own."""
    return refused(request, _("Something went wrong here."), status=500)
