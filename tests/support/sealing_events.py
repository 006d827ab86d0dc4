"""Security events of some days, sealed, for the tests of their seals."""

from __future__ import annotations

import datetime
import io
from typing import Any

from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import SecurityEvent
from accounts.models.security_event import Event
from accounts.services import event_seals

NOON = datetime.time(12)


def day(ago: int) -> datetime.date:
    """Return the day so many days ago, in UTC."""
    return (timezone.now().astimezone(datetime.UTC) - datetime.timedelta(days=ago)).date()


def add(event: Event = Event.LOGGED_IN, *, days_ago: int = 3, **facts: Any) -> SecurityEvent:
    """Add an event at noon (UTC) of a day."""
    at = datetime.datetime.combine(day(days_ago), NOON, datetime.UTC)
    return SecurityEvent.objects.create(event=event, at=at, **facts)


def sealed(*, days: int = 3, each: int = 3) -> list[SecurityEvent]:
    """Return events of two kinds on the last days, which are sealed: the oldest first."""
    made = [
        add(event, days_ago=ago, reason=f"{number}")
        for ago in range(days + 1, 1, -1)
        for event in (Event.LOGGED_IN, Event.UNLOCKED)
        for number in range(each)
    ]
    event_seals.seal_closed_days()
    return made


def verify(**options: object) -> tuple[bool, str]:
    """Return whether `manage.py verify_events` finds all as sealed, and what it says."""
    said = io.StringIO()
    try:
        typed = [f"--{name}={value}" for name, value in options.items()]
        call_command("verify_events", *typed, stdout=said, no_color=True)
    except CommandError as error:
        return False, said.getvalue() + str(error)
    return True, said.getvalue()
