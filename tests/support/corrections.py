"""Corrections of an address on record, as people ask for them by smartcard."""

from __future__ import annotations

from django.utils import timezone

from accounts.models import GivenAddress, User
from accounts.models.given_address import Purpose

NEW_EMAIL = "jo.new@nhs.net"


def asked_by_card(user: User, email: str = NEW_EMAIL, *, confirmed: bool = True) -> GivenAddress:
    """Have a person ask for another address on their record, and its owner confirm it."""
    now = timezone.now()
    return GivenAddress.objects.create(
        user=user,
        purpose=Purpose.CORRECTION,
        email=email,
        card_shown_at=now,
        confirmed_at=now if confirmed else None,
    )
