"""Comparing a date of birth that a caller says with the one on record: match or no match, and no more.

The date on record is never shown, logged or mailed (OWASP ASVS 14.2.6). So that no agent learns it by trying, there are
three tries an hour and ten a day for one person, by all agents together, and each is an event, of which the person is
told by mail.
"""

from __future__ import annotations

import datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import SecurityEvent, User
from accounts.models.outbox import Kind
from accounts.models.security_event import Event
from accounts.services import events, outbox
from helpdesk.services import helping

# A caller mistypes once or twice.
AN_HOUR = 3
A_DAY = 10
LIMITS = ((AN_HOUR, datetime.timedelta(hours=1)), (A_DAY, datetime.timedelta(days=1)))


class TooManyTries(Exception):
    """So many dates were compared lately that the next may be at `until`."""

    def __init__(self, *, until: datetime.datetime) -> None:
        super().__init__()
        self.until = until


def compare(*, person: User, by: User, note: str, date: datetime.date) -> bool:
    """Return whether `date` is the date of birth on the record of `person`. Records DATE_OF_BIRTH_COMPARED.

    Raises rights.NotAllowed and TooManyTries.
    """
    with helping.noted(by=by, person=person, note=note):
        # Locked, so that two agents, or two tabs, keep the limit.
        now = User.objects.select_for_update().get(pk=person.pk)
        _refuse_too_many(now)
        matches = now.date_of_birth == date
        reason = "match" if matches else "no_match"
        event = events.record(event=Event.DATE_OF_BIRTH_COMPARED, user_id=now.pk, by=by, reason=reason)
        outbox.add(kind=Kind.HELPED, about={"users": [now.pk], "event": event.pk})
    return matches


def note_typed(*, person: User, by: User) -> None:
    """Write down that `by` typed a date into the record which is there already. Records DATE_OF_BIRTH_COMPARED.

    A date that is another is a change, with an event of its own, and the only guess: it takes the place of the one on
    record. One that is right changes nothing, so that its missing event would tell it unseen. Does nothing otherwise.
    """
    with transaction.atomic():
        now = User.objects.select_for_update().get(pk=person.pk)
        if now.date_of_birth == person.date_of_birth:
            event = events.record(event=Event.DATE_OF_BIRTH_COMPARED, user_id=now.pk, by=by, reason="match")
            outbox.add(kind=Kind.HELPED, about={"users": [now.pk], "event": event.pk})


def _refuse_too_many(person: User) -> None:
    tries = SecurityEvent.objects.filter(user=person, event=Event.DATE_OF_BIRTH_COMPARED).order_by("-at")
    moments = list(tries.values_list("at", flat=True)[:A_DAY])
    now = timezone.now()
    ends = [moments[most - 1] + lasts for most, lasts in LIMITS if len(moments) >= most]
    until = max(ends, default=now)
    if until > now:
        raise TooManyTries(until=until)
