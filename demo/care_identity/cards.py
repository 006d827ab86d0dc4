"""The demo cards. Care Identity has records of its own, so this knows nothing of the portal's people.

People with a card in demo/cast.py have the same number here; the others are for what can go wrong.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

# Of every demo card.
PASSCODE = "1234"


@dataclasses.dataclass(frozen=True, slots=True)
class Card:
    """A smartcard, and what is known of its holder."""

    uid: str
    given_name: str
    family_name: str
    # What it is good for.
    note: StrPromise
    # How well the holder's identity was checked (GPG 45); the portal asks for 3.
    identity_level: int = 3
    # Care Identity is known to write its levels as numbers and as strings.
    levels_as_text: bool = False
    cancelled: bool = False

    @property
    def name(self) -> str:
        """The holder's name."""
        return f"{self.given_name} {self.family_name}"


CARDS = (
    Card("555000000101", "Amina", "Okafor", _("Works for one organisation.")),
    Card("555000000105", "Ewa", "Nowak", _("Works for two organisations."), levels_as_text=True),
    Card("555000000107", "Grace", "Hughes", _("Has left her organisation; the card still works."), levels_as_text=True),
    Card("555000000108", "Harjit", "Singh", _("Has a smartcard and never had a password.")),
    Card("555000000110", "Jess", "Turner", _("The helpdesk.")),
    Card("555000000190", "Kim", "Doyle", _("Is linked to nobody in ESR.")),
    Card("555000000191", "Liam", "Fraser", _("Identity checked at level 2 only."), identity_level=2),
    Card("555000000192", "Mona", "Aziz", _("Reported lost and cancelled."), cancelled=True),
)
_BY_UID = {card.uid: card for card in CARDS}


def find(uid: str) -> Card | None:
    """Return the card with this number, or None."""
    return _BY_UID.get(uid)
