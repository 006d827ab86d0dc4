"""Joiners: a welcome on the first day, and what a person still lacks to get in (decision 53)."""

from __future__ import annotations

import datetime
import enum
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.models import SecurityEvent, User
from accounts.models.outbox import Kind
from accounts.models.security_event import Event
from accounts.services import care_identities, internet_access, outbox, second_step

if TYPE_CHECKING:
    from django.db.models import QuerySet

# A welcome that is late by more, after an outage of the daily work or for a record that came late, is none.
CATCHES_UP_WITHIN = datetime.timedelta(days=3)
# People in one transaction, so that no other work waits for long.
_AT_ONCE = 500


class Missing(enum.Enum):
    """What a person lacks who has not been in yet. Each is one person's to mend; the words say whose."""

    # The organisation's HR has the date.
    FIRST_DAY = enum.auto()
    # A Care Identity on record, without which they have no way in: the organisation's ESR contact.
    CARD_ON_RECORD = enum.auto()
    # They come by smartcard alone, which the organisation's IT gives and renews.
    SMARTCARD = enum.auto()
    # The rest they do themselves.
    PASSWORD = enum.auto()
    SECOND_STEP = enum.auto()
    INTERNET_ACCESS = enum.auto()


def missing(*, user: User) -> list[Missing]:
    """Return what `user` still lacks to get in, in the order in which it is had."""
    found = [Missing.FIRST_DAY] if user.starts_later() else []
    if internet_access.comes_by_card_alone(user=user):
        linked = care_identities.of(user=user) is not None
        return [*found, Missing.SMARTCARD] if linked else [*found, Missing.CARD_ON_RECORD, Missing.SMARTCARD]
    if not user.has_usable_password():
        found.append(Missing.PASSWORD)
    if second_step.is_required(user=user) and not second_step.is_set_up(user=user):
        found.append(Missing.SECOND_STEP)
    if not internet_access.works_outside(user=user):
        found.append(Missing.INTERNET_ACCESS)
    return found


def welcome() -> int:
    """Welcome by mail those whose first day has come, each once; return how many. Daily work.

    Not those who have been in already, as a person with an earlier contract has.
    """
    welcomed = 0
    while True:
        with transaction.atomic():
            keys = list(_to_welcome().select_for_update(of=("self",)).values_list("pk", flat=True)[:_AT_ONCE])
            if not keys:
                return welcomed
            User.objects.filter(pk__in=keys).update(welcomed_at=timezone.now())
            outbox.add_many(kind=Kind.WELCOME, about=({"users": [key]} for key in keys))
            welcomed += len(keys)


def _to_welcome() -> QuerySet[User]:
    today = timezone.localdate()
    been_in = SecurityEvent.objects.filter(user=OuterRef("pk"), event=Event.LOGGED_IN)
    began = User.objects.filter(
        starts_on__lte=today, starts_on__gte=today - CATCHES_UP_WITHIN, welcomed_at__isnull=True, is_active=True
    )
    return began.exclude(ends_on__lt=today).exclude(Exists(been_in)).order_by("pk")
