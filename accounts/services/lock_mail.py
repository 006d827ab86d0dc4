"""Telling the owner of a username that it was locked, at most once a day (NIST SP 800-63B-4, 4.6).

The request adds the same row for every typed name, and the worker finds out whether a person has it: nothing that takes
longer for a real name happens while a stranger waits (OWASP ASVS 6.3.8).
"""

from __future__ import annotations

import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import SecurityEvent, User
from accounts.models.outbox import Kind
from accounts.services import outbox

# A guesser can lock a name 96 times a day; the first mail says it all.
AT_MOST_ONCE_IN = datetime.timedelta(days=1)


def ask_for(*, event: SecurityEvent) -> None:
    """Have a worker decide whether to tell of the lock that `event` records, in the caller's transaction."""
    outbox.add(kind=Kind.DECIDE_LOCK_MAIL, about={"event": event.pk})


def decide(*, event_id: int) -> None:
    """Add the mail about a lock for the person who was locked.

    Adds none where no person has the name, where they may not log in with a password anyway, or where they were told
    within AT_MOST_ONCE_IN. May be done twice: it tells once.
    """
    event = SecurityEvent.objects.filter(pk=event_id).select_related("user").first()
    user = event.user if event else None
    if event is None or user is None or not user.may_enter() or not user.has_usable_password():
        return
    now = timezone.now()
    not_told = Q(lock_mailed_at__isnull=True) | Q(lock_mailed_at__lte=now - AT_MOST_ONCE_IN)
    with transaction.atomic():
        if User.objects.filter(not_told, pk=user.pk).update(lock_mailed_at=now):
            outbox.add(kind=Kind.LOCKED, about={"users": [user.pk], "event": event.pk}, asked_at=event.at)
