"""What happened to a person's account lately, in sentences for the person.

A thief of the session reads them too. What a sentence says of a failed try must not depend on what was right in it: not
the password, nor the date of birth (OWASP ASVS 6.3.8, 14.2.6). So the reasons of such events stay out, but for the kind
of way that was tried, which the browser that tried it knows.
"""

from __future__ import annotations

import dataclasses
import datetime
import re
from typing import TYPE_CHECKING

from django.utils import timezone

from accounts import user_agents
from accounts.activity_sentences import SHOWN, WITH_OTHERS
from accounts.models import SecurityEvent
from accounts.models.security_event import Event
from accounts.services import events
from accounts.trusted_networks import OwnNetworks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accounts.models import User

SHOWN_FOR = datetime.timedelta(days=90)
A_PAGE = 20

# Microseconds since 1970, far from the end of the calendar, and how many entries of that moment were shown.
_CURSOR = re.compile(r"([0-9]{1,16})-([0-9]{1,4})", re.ASCII)
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_MICROSECOND = datetime.timedelta(microseconds=1)


@dataclasses.dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened. `device` and `network` are in words, "" where it came from no browser."""

    sentence: str
    at: datetime.datetime
    device: str
    network: str


@dataclasses.dataclass(frozen=True, slots=True)
class Page:
    """Entries, the newest first, and what `page` takes to go on with older ones, "" where there are none."""

    entries: Sequence[Entry]
    older: str


def page(*, user: User, before: str = "") -> Page:
    """Return what happened to `user` within SHOWN_FOR, A_PAGE entries at most.

    `before` is the `older` of the page before this one; what is none gives the newest.
    """
    moment, seen_of_it = _read(before)
    found = SecurityEvent.objects.filter(user=user, event__in=list(SHOWN), at__gte=timezone.now() - SHOWN_FOR)
    if moment is not None:
        found = found.filter(at__lte=moment)
    rows = list(found[seen_of_it : seen_of_it + A_PAGE + 1])
    networks = OwnNetworks(user.organisation)
    entries = [entry(row=row, networks=networks) for row in rows[:A_PAGE]]
    return Page(entries=entries, older=_older(rows, moment, seen_of_it) if len(rows) > A_PAGE else "")


def entry(*, row: SecurityEvent, networks: OwnNetworks) -> Entry:
    """Return what an event of a kind in SHOWN is to its person."""
    by_another = row.by_id is not None and row.by_id != row.user_id
    # Where the helpdesk's own browser is, is not the person's to know.
    came_from_here = row.address is not None and not by_another
    return Entry(
        sentence=sentence(row),
        at=row.at,
        device="" if by_another else user_agents.in_words(row.device),
        network=networks.in_words(row.address) if came_from_here else "",
    )


def sentence(row: SecurityEvent) -> str:
    """Return what an event of a kind in SHOWN is to its person, as a mail says it too."""
    told = SHOWN[Event(row.event)]
    told = WITH_OTHERS if row.reason == events.AFTER_OUTAGE else told.by_reason.get(row.reason, told)
    by_another = row.by_id is not None and row.by_id != row.user_id
    return str(told.by_helpdesk if by_another and told.by_helpdesk else told.sentence)


def _older(rows: Sequence[SecurityEvent], moment: datetime.datetime | None, seen_of_it: int) -> str:
    """Return where the next page begins: at the moment of the last entry, after those of that moment that were shown.

    Not the number of a row, which would tell how many events there are in the portal.
    """
    last = rows[A_PAGE - 1].at
    shown = sum(row.at == last for row in rows[:A_PAGE]) + (seen_of_it if last == moment else 0)
    return f"{(last - _EPOCH) // _MICROSECOND}-{shown}"


def _read(before: str) -> tuple[datetime.datetime | None, int]:
    found = _CURSOR.fullmatch(before)
    if found is None:
        return None, 0
    return _EPOCH + int(found[1]) * _MICROSECOND, int(found[2])
