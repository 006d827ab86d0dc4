"""The demo cards: who they belong to, their passcode, unlocking them, and their files for a browser."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from demo.care_identity import cards as demo_cards
from demo.care_identity import certificates, configuration, passcodes
from demo.care_identity.models import Holder


@require_safe
def cards(request: HttpRequest) -> HttpResponse:
    """Show the cards."""
    locked = set(Holder.objects.filter(wrong_passcodes__gte=passcodes.MOST_WRONG).values_list("uid", flat=True))
    shown = [{"card": card, "is_locked": card.uid in locked} for card in demo_cards.CARDS]
    context = {"cards": shown, "passcode": demo_cards.PASSCODE, "try_it": f"{configuration.CARD_ORIGIN}/log-in/card/"}
    return render(request, "stand_in/cards.html", context)


@require_POST
def unlock(request: HttpRequest, uid: str) -> HttpResponse:
    """Let a locked card work again."""
    passcodes.unlock(uid=uid)
    return redirect("cards")


@require_safe
def card_file(request: HttpRequest, uid: str) -> HttpResponse:
    """Answer a card as a file that a browser can import."""
    card = demo_cards.find(uid)
    if card is None:
        raise Http404
    return HttpResponse(
        certificates.card_file(configuration.STATE_DIR, card),
        content_type="application/x-pkcs12",
        headers={"Content-Disposition": f'attachment; filename="{uid}.p12"'},
    )
