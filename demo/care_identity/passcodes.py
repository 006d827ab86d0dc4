"""Passcodes: three wrong ones in a row lock a card, as they lock a real one."""

from __future__ import annotations

import hmac

from django.db import transaction
from django.db.models import F

from demo.care_identity import cards
from demo.care_identity.models import Holder

MOST_WRONG = 3


class WrongPasscode(Exception):
    """Not the passcode. `left` more wrong ones lock the card."""

    def __init__(self, left: int) -> None:
        super().__init__(left)
        self.left = left


class Locked(Exception):
    """The card is locked."""


class Cancelled(Exception):
    """The card was cancelled."""


def usable(*, uid: str) -> Holder:
    """Return the holder of a card that works. Raises Cancelled, Locked, Holder.DoesNotExist."""
    holder = Holder.objects.get(uid=uid)
    card = cards.find(uid)
    if card is None or card.cancelled:
        raise Cancelled
    if holder.wrong_passcodes >= MOST_WRONG:
        raise Locked
    return holder


def check(*, uid: str, passcode: str) -> Holder:
    """Return the holder of the card if this is its passcode.

    Raises WrongPasscode, Locked (by this passcode too), Cancelled, Holder.DoesNotExist.
    """
    holder = usable(uid=uid)
    if hmac.compare_digest(passcode.strip().encode(), cards.PASSCODE.encode()):
        Holder.objects.filter(uid=uid).update(wrong_passcodes=0)
        return holder
    with transaction.atomic():
        Holder.objects.filter(uid=uid).update(wrong_passcodes=F("wrong_passcodes") + 1)
        holder.refresh_from_db()
    if holder.wrong_passcodes >= MOST_WRONG:
        raise Locked
    raise WrongPasscode(MOST_WRONG - holder.wrong_passcodes)


def unlock(*, uid: str) -> None:
    """Let a card work again."""
    Holder.objects.filter(uid=uid).update(wrong_passcodes=0)
