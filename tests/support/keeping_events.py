"""Organisations that keep the events of their people for less, and what the daily work makes of it."""

from __future__ import annotations

import datetime
from typing import Any

from django.utils import timezone

from accounts.models import Organisation, SecurityEvent, User
from accounts.models.security_event import Event
from accounts.services import event_seals, filing_events
from tests.support.sealing_events import add, verify

LONG_AGO = datetime.timedelta(days=30)


def keep(organisation: Organisation, days: int | None, *, since: datetime.timedelta = LONG_AGO) -> None:
    """Let an organisation have chosen so many days some time ago."""
    chosen = {"events_kept_days": days, "events_kept_since": timezone.now() - since if days else None}
    Organisation.objects.filter(pk=organisation.pk).update(**chosen)


def changed(user: User | None, *, days_ago: int, **facts: Any) -> int:
    """Add an event of a kind that organisations may keep for less; return its key."""
    return add(Event.PASSWORD_CHANGED, days_ago=days_ago, user=user, **facts).pk


def file_and_seal() -> None:
    """Do what the daily work has done before anything is deleted."""
    filing_events.file_new()
    event_seals.seal_closed_days()


def left() -> set[int]:
    """Return the keys of the events that there are."""
    return set(SecurityEvent.objects.values_list("pk", flat=True))


def fine() -> str:
    """Return what `manage.py verify_events` says, which finds nothing wrong."""
    is_fine, said = verify()
    assert is_fine, said
    return said
