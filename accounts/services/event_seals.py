"""Sealing security events, day by day and kind by kind, and again when some of them go by their age. Daily work.

Nothing of it is done in a request. A day is sealed once it has been over for GRACE and no transaction is left that may
still bring one of its events. `accounts/services/verifying_events.py` finds what differs from the seals.
"""

from __future__ import annotations

import datetime
import logging
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import connection, transaction
from django.utils import timezone

from accounts import event_chain, settled_events
from accounts.models import EventMarks, EventSeal, FiledEvent, SecurityEvent
from accounts.models.event_seal import Why
from accounts.models.security_event import Event

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from django.db.models import QuerySet

    from accounts.event_chain import Block

logger = logging.getLogger("esr_portal.seals")

DAY = datetime.timedelta(days=1)
# A web server whose clock is behind writes events of a day that is over.
GRACE = datetime.timedelta(hours=1)
# For transactions that write events, an import for one. Where it takes longer, the day is sealed a day later.
LONGEST_WAIT = datetime.timedelta(minutes=1)
# Read at once.
CHUNK = 5000
DELETED_AT_ONCE = 5000
# One for all sealers: "seal" in ASCII.
_LOCK = 0x7365616C
# Of these the two newest of each person stay until there are newer ones: by them it is known when an account was last
# used. So their days lose a few each day.
NEWEST_STAY = frozenset({Event.LOGGED_IN, Event.ACCOUNT_SWITCHED})
# Of other kinds each organisation may keep what is its own for another time (services/events_kept.py). Each time is a
# seal more: a day of which some have gone is looked at again after this.
BETWEEN_SEALS = datetime.timedelta(days=30)


class Current(NamedTuple):
    """What of the newest seal of a day and kind says whether it is due."""

    day: datetime.date
    kind: str
    number: int
    events: int
    why: str
    made_at: datetime.datetime


_CURRENT = ("day", "kind", "number", "events", "why", "made_at")


class ChainBroken(Exception):
    """The newest seal was not made with one of SECOND_STEP_KEYS: nothing is sealed behind it."""


def seal_closed_days(*, wait: datetime.timedelta = LONGEST_WAIT) -> int:
    """Seal each day that is over and not sealed yet; return how many. The head of the chain goes into the log."""
    sealed = 0
    try:
        for day in _days_to_seal(wait):
            sealed += _seal(day)
        _seal_with_the_newest_key()
    except ChainBroken:
        logger.error("not sealed: SECOND_STEP_KEYS has not the key of the newest seal, or it is forged")
        return sealed
    newest = EventSeal.objects.last()
    if newest is not None:
        logger.info("sealed", extra={"days": sealed, "head": event_chain.head_of(newest)})
    return sealed


def sealed_until() -> datetime.date | None:
    """Return the last day that is sealed, in UTC."""
    return EventSeal.objects.filter(kind="").order_by("-day").values_list("day", flat=True).first()


def start_of(day: datetime.date) -> datetime.datetime:
    """Return the first moment of a day in UTC."""
    return datetime.datetime.combine(day, datetime.time(), datetime.UTC)


def events_of(day: datetime.date) -> QuerySet[SecurityEvent]:
    """Return the events of a day."""
    return SecurityEvent.objects.filter(at__gte=start_of(day), at__lt=start_of(day + DAY)).order_by()


def rows(events: QuerySet[SecurityEvent]) -> Iterator[tuple[Any, ...]]:
    """Read events in the order of kinds and keys, a few at a time."""
    return events.order_by("event", "pk").values_list(*event_chain.FIELDS).iterator(chunk_size=CHUNK)


def delete_due(*, old: Mapping[str, tuple[QuerySet[SecurityEvent], datetime.datetime]]) -> int:
    """Delete the events that are past their age of days that are sealed, and seal what is left; return how many.

    `old` has for each kind what is past its age, and the moment before which that may be. A day of a kind goes when all
    of it is before that. Where its events differ from their seal nothing is deleted: they are evidence.
    """
    newest = _newest(EventSeal.objects.filter(kind__in=old)).values()
    due = [seal for seal in newest if _is_due(seal, before=old[seal.kind][1])]
    return sum(delete_from(seal, old=old[seal.kind][0]) for seal in due)


def to_seal_again(blocks: Sequence[tuple[datetime.date, str]]) -> list[Current]:
    """Return the newest seals of `blocks`, which are in the order of their days.

    Without those that lost events within BETWEEN_SEALS, and those of what was never sealed.
    """
    if not blocks:
        return []
    days, kinds = (blocks[0][0], blocks[-1][0]), {kind for _, kind in blocks}
    newest = _newest(EventSeal.objects.filter(kind__in=kinds, day__range=days))
    found = [newest[block] for block in blocks if block in newest]
    return [seal for seal in found if not _lost_some_lately(seal)]


def delete_from(seal: Current, *, old: QuerySet[SecurityEvent]) -> int:
    """Delete the old events of a block, and seal the others; return how many.

    Deletes none where the block differs from its seal.
    """
    events = events_of(seal.day).filter(event=seal.kind)
    old = old.filter(at__gte=start_of(seal.day), at__lt=start_of(seal.day + DAY))
    if not old.exists():
        return 0
    with transaction.atomic():
        _lock()
        before = _newest_of(seal.day, seal.kind)
        if before is None or before.number != seal.number:
            return 0
        found = _block(events)
        if (found.digest, found.events) != (before.digest, before.events):
            about = {"day": seal.day.isoformat(), "kind": seal.kind}
            logger.error("not deleted: security events differ from their seal", extra=about)
            return 0
        deleted = delete(old)
        _add(seal.day, seal.kind, _block(events), why=Why.AGE, before=before, gone=before.gone + deleted)
    return deleted


@transaction.atomic
def seal_as_they_are(*, day: datetime.date, kind: str) -> EventSeal:
    """Seal a block as it is now, after an operator has looked at what differs: the seals before it stay.

    Raises ChainBroken, and ValueError for a day that is not sealed.
    """
    _lock()
    if not EventSeal.objects.filter(day=day, kind="").exists():
        raise ValueError
    block = _block(events_of(day).filter(event=kind))
    before = _newest_of(day, kind)
    seal = _add(day, kind, block, why=Why.AS_THEY_ARE, before=before, gone=before.gone if before else 0)
    logger.warning("sealed as they are", extra={"day": day.isoformat(), "kind": kind, "seal": seal.number})
    return seal


def _days_to_seal(wait: datetime.timedelta) -> Iterator[datetime.date]:
    """Give the days that are over, each once the one before it is sealed."""
    end = (timezone.now() - GRACE).astimezone(datetime.UTC).date()
    day = _next_day(end)
    if day is not None and settled_events.newest(within=wait) is None:
        logger.warning("not sealed: a transaction that writes security events goes on for long")
        return
    while day is not None:
        yield day
        day = _next_day(end)


@transaction.atomic
def _seal_with_the_newest_key() -> None:
    """Add a seal where the newest key has made none, so that the key before it may be taken away."""
    _lock()
    newest = EventSeal.objects.last()
    if newest is None or event_chain.is_by_newest_key(newest):
        return
    closing = EventSeal.objects.filter(kind="").latest("day", "generation")
    again = EventSeal(day=closing.day, kind="", generation=closing.generation + 1, events=closing.events)
    _append(again, why=Why.KEY)


def _next_day(end: datetime.date) -> datetime.date | None:
    """Return the next day before `end` to seal: one with events, or else the last, so that the seals are of today."""
    last = sealed_until()
    since = SecurityEvent.objects.all() if last is None else SecurityEvent.objects.filter(at__gte=start_of(last + DAY))
    first = since.order_by("at").values_list("at", flat=True).first()
    day = first.astimezone(datetime.UTC).date() if first else end
    if last is not None:
        day = min(day, end - DAY)
    return day if day < end and (last is None or day > last) else None


def _seal(day: datetime.date) -> int:
    """Seal a day that is over; return 0 where another process did it meanwhile.

    What is over changes no more, so it is read before the transaction, which would keep writers of SQLite waiting.
    """
    blocks = list(event_chain.blocks(rows(events_of(day))))
    with transaction.atomic():
        _lock()
        if EventSeal.objects.filter(day=day, kind="").exists():
            return 0
        for kind, block in blocks:
            _add(day, kind, block, why=Why.CLOSED)
        closing = EventSeal(day=day, kind="", events=sum(block.events for _, block in blocks))
        _append(closing, why=Why.CLOSED)
    return 1


def _newest(seals: QuerySet[EventSeal]) -> dict[tuple[datetime.date, str], Current]:
    """Return the newest seal of each day and kind."""
    in_order = seals.order_by("number").values_list(*_CURRENT)
    return {(seal.day, seal.kind): seal for seal in (Current(*row) for row in in_order.iterator(chunk_size=CHUNK))}


def _is_due(seal: Current, *, before: datetime.datetime) -> bool:
    # These alone go in parts at their age. Of other kinds all that is left goes, and no organisation holds it up.
    waits = seal.kind in NEWEST_STAY and _lost_some_lately(seal)
    return bool(seal.events) and not waits and start_of(seal.day + DAY) <= before


def _lost_some_lately(seal: Current) -> bool:
    return seal.why == Why.AGE and seal.made_at > timezone.now() - BETWEEN_SEALS


def delete(old: QuerySet[SecurityEvent]) -> int:
    """Delete events, some at a time, so that no other work waits for long; return how many."""
    deleted = 0
    while some := list(old.values_list("pk", flat=True)[:DELETED_AT_ONCE]):
        with transaction.atomic():
            FiledEvent.objects.filter(pk__in=some).delete()
            deleted += SecurityEvent.objects.filter(pk__in=some).delete_old()
    return deleted


def _block(events: QuerySet[SecurityEvent]) -> Block:
    """Return the block of events that are of one kind."""
    block = event_chain.Block()
    for row in rows(events):
        block.add(row)
    return block


def _newest_of(day: datetime.date, kind: str) -> EventSeal | None:
    return EventSeal.objects.filter(day=day, kind=kind).order_by("-generation").first()


def _add(
    day: datetime.date, kind: str, block: Block, *, why: Why, before: EventSeal | None = None, gone: int = 0
) -> EventSeal:
    seal = EventSeal(
        day=day,
        kind=kind,
        generation=before.generation + 1 if before else 0,
        events=block.events,
        gone=gone,
        first_key=block.first_key,
        last_key=block.last_key,
        digest=block.digest,
    )
    _append(seal, why=why)
    if before:
        EventMarks.objects.filter(pk=before.pk).delete()
    if block.events:
        # There are some already where the seal of this number was taken away from the end of the chain.
        EventMarks.objects.update_or_create(pk=seal.number, defaults={"marks": block.marks()})
    return seal


def _append(seal: EventSeal, *, why: Why) -> None:
    """Put a seal at the end of the chain. The caller has the lock. Raises ChainBroken."""
    newest = EventSeal.objects.last()
    if newest is not None and not event_chain.is_signed(newest):
        raise ChainBroken
    seal.number = newest.number + 1 if newest else 1
    seal.generation, seal.gone, seal.why = seal.generation or 0, seal.gone or 0, why
    seal.link = event_chain.link_of(before=newest.link if newest else event_chain.BEGINNING, seal=seal)
    event_chain.sign(seal)
    seal.save(force_insert=True)


def _lock() -> None:
    """Let no other process seal until this transaction ends. On SQLite it began with the lock for writing."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
