"""Comparing the security events with their seals: what is missing, altered, added, or not sealed at all.

It reads as it goes, in memory that does not grow with the events. What it can find, and what it cannot, is in
docs/decisions/0054-sealed-security-events.md.
"""

from __future__ import annotations

import dataclasses
import datetime
import enum
import itertools
from typing import TYPE_CHECKING, NamedTuple

from django.utils import timezone

from accounts import event_chain
from accounts.models import EventMarks, EventSeal, SecurityEvent
from accounts.models.event_seal import Why
from accounts.models.security_event import Event
from accounts.services import event_seals
from accounts.services.event_seals import DAY, events_of, start_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

# Yesterday is sealed some time today; one day more, for a daily work that came late.
SEALED_WITHIN = 2 * DAY
# Of one block. More say no more.
MOST_NAMED = 100


class Wrong(enum.Enum):
    """What can be wrong, in the words of an operator."""

    ALTERED = "the event {key} was altered"
    MISSING = "the event {key} is missing"
    ADDED = "the event {key} was added"
    DIFFERS = "the events differ from their seal, and which of them cannot be told"
    MORE = "and more events of this kind and day"
    NOT_SEALED = "there are events, and no day is sealed since: has manage.py tidy_up run?"
    SEAL_MISSING = "the seal {key} is missing"
    SEAL_ALTERED = "the seal {key} was altered, or one before it was"
    SEAL_FORGED = "the seal {key} was not made with the key that it names"
    HEAD_UNKNOWN = "the newest seal {key} was made with a key that is not in SECOND_STEP_KEYS, so no seal is proved"
    CUT_OFF = (
        "the seal {key} of --head is not in the chain: its end was cut off or made anew, or a back-up was restored"
    )


@dataclasses.dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong: on which day, of which kind, and with which event or seal, where that is known."""

    wrong: Wrong
    day: datetime.date | None = None
    kind: str = ""
    key: int | str | None = None

    def __str__(self) -> str:
        where = [self.day.isoformat()] if self.day else []
        where += [f"{self.kind} ({Event(self.kind).label})" if self.kind in Event.values else self.kind]
        return f"{' '.join(filter(None, where)) or 'chain of seals'}: {self.wrong.value.format(key=self.key)}"


@dataclasses.dataclass(frozen=True, slots=True)
class Compared:
    """One day that was compared: how many events it has, and how many have gone by their age."""

    day: datetime.date
    events: int
    gone: int


@dataclasses.dataclass(frozen=True, slots=True)
class Noted:
    """What an operator has to know that is not wrong by itself, in a sentence."""

    sentence: str


class _Seal(NamedTuple):
    day: datetime.date
    kind: str
    number: int
    events: int
    gone: int
    digest: str
    first_key: int | None


_SEAL = ("day", "kind", "number", "events", "gone", "digest", "first_key")
Told = Finding | Compared | Noted
_Sealed = dict[datetime.date, dict[str, int]]


def verify(*, month: datetime.date | None = None, heads: Collection[str] = ()) -> Iterator[Told]:
    """Compare all events with the seals, or those of the month that begins on `month`.

    The chain of seals is always read as a whole. `heads` are those that the log has: with them the end of the chain
    cannot have been cut off at any of these times, nor made anew, without being found. Yields what is found, and each
    day that was compared.
    """
    sealed: _Sealed = {}
    yield from _chain(sealed, month=month, heads=heads)
    yield from _restored()
    yield from _not_sealed(max(sealed, default=None))
    # What is older than the first sealed day was never sealed, and counts as added.
    past = month - DAY if month else None
    for day in sorted(day for day in sealed if _is_in(day, month)):
        yield from _between(past, day)
        yield from _compare(day, sealed[day])
        past = day
    if month and sealed:
        end = (month + 31 * DAY).replace(day=1)
        yield from _between(past, min(end, max(sealed) + DAY))


def _chain(sealed: _Sealed, *, month: datetime.date | None, heads: Collection[str]) -> Iterator[Told]:
    """Read the chain from its beginning, and put into `sealed` the number of each day's seals that count."""
    link, number, unknown, newest, missing = event_chain.BEGINNING, 0, 0, None, set(heads)
    for newest in EventSeal.objects.order_by("number").iterator(chunk_size=event_seals.CHUNK):
        yield from (Finding(Wrong.SEAL_MISSING, key=gap) for gap in range(number + 1, min(newest.number, number + 10)))
        yield from _link(newest, before=link)
        link, number = newest.link, newest.number
        unknown += event_chain.is_signed(newest) is None
        missing.discard(event_chain.head_of(newest))
        # Of other months the days alone, which say what the last one is.
        sealed.setdefault(newest.day, {})
        if _is_in(newest.day, month):
            sealed[newest.day][newest.kind] = newest.number
    yield from _end(newest, unknown)
    yield from (Finding(Wrong.CUT_OFF, key=head) for head in sorted(missing))


def _link(seal: EventSeal, *, before: str) -> Iterator[Told]:
    if seal.link != event_chain.link_of(before=before, seal=seal):
        yield Finding(Wrong.SEAL_ALTERED, seal.day, seal.kind, seal.number)
    elif event_chain.is_signed(seal) is False:
        yield Finding(Wrong.SEAL_FORGED, seal.day, seal.kind, seal.number)
    if seal.why == Why.AS_THEY_ARE:
        yield Noted(f"{seal.day} {seal.kind}: sealed as they are by an operator at {seal.made_at:%F %T} UTC")


def _end(newest: EventSeal | None, unknown: int) -> Iterator[Told]:
    """Tell of seals whose keys are not there: the last one has to be proved, and then proves those before it."""
    if newest is not None and event_chain.is_signed(newest) is None:
        yield Finding(Wrong.HEAD_UNKNOWN, key=newest.number)
    elif unknown:
        yield Noted(f"{unknown} seals were made with keys that are not there any more; those after them cover them.")


def _restored() -> Iterator[Told]:
    """Tell of each time that a back-up was restored: what happened between it and that time is not in the database."""
    for at in SecurityEvent.objects.filter(event=Event.DATABASE_RESTORED).order_by("at").values_list("at", flat=True):
        yield Noted(
            f"A back-up was restored at {at:%F %T} UTC. Heads that were logged between the back-up and then are not in "
            "the chain, nor are the events of that time: the log and what was shipped have them."
        )


def _not_sealed(last: datetime.date | None) -> Iterator[Told]:
    before = start_of((timezone.now() - SEALED_WITHIN).astimezone(datetime.UTC).date())
    since = start_of(last + DAY) if last else start_of(datetime.date.min + DAY)
    first = SecurityEvent.objects.filter(at__gte=since, at__lt=before).order_by("at").values_list("at", flat=True)[:1]
    for at in first:
        yield Finding(Wrong.NOT_SEALED, at.astimezone(datetime.UTC).date())


def _between(past: datetime.date | None, day: datetime.date) -> Iterator[Told]:
    """Tell of events on days that had none: before the first sealed day, or between two."""
    events = SecurityEvent.objects.filter(at__lt=start_of(day))
    if past is not None:
        events = events.filter(at__gte=start_of(past + DAY))
    yield from _limited(
        Finding(Wrong.ADDED, at.astimezone(datetime.UTC).date(), kind, key)
        for key, at, kind in events.order_by("pk").values_list("pk", "at", "event").iterator(event_seals.CHUNK)
    )


def _compare(day: datetime.date, numbers: dict[str, int]) -> Iterator[Told]:
    seals = EventSeal.objects.filter(number__in=numbers.values()).exclude(kind="").values_list(*_SEAL)
    expected = {seal.kind: seal for seal in (_Seal(*row) for row in seals)}
    gone, events = sum(seal.gone for seal in expected.values()), 0
    for kind, block in event_chain.blocks(event_seals.rows(events_of(day))):
        seal = expected.pop(kind, None)
        events += block.events
        if seal is None or (seal.events, seal.digest) != (block.events, block.digest):
            yield from _limited(_locate(day, kind, seal))
    for kind, seal in sorted(expected.items()):
        if seal.events:
            yield from _limited(_locate(day, kind, seal))
    yield Compared(day, events, gone)


def _locate(day: datetime.date, kind: str, seal: _Seal | None) -> Iterator[Finding]:
    """Tell which events of a block differ, by the marks that were kept with its seal."""
    marks = _marks_of(seal)
    differing = _differing(day, kind, marks) if marks is not None else iter(())
    named = list(itertools.islice(differing, MOST_NAMED + 1))
    yield from named or [Finding(Wrong.DIFFERS, day, kind)]


def _marks_of(seal: _Seal | None) -> dict[int, bytes] | None:
    """Return the marks of a seal; none where it is of no event; None where they are gone."""
    if seal is None or seal.first_key is None:
        return {}
    kept = EventMarks.objects.filter(pk=seal.number).first()
    return event_chain.read_marks(bytes(kept.marks), first_key=seal.first_key) if kept else None


def _differing(day: datetime.date, kind: str, marks: dict[int, bytes]) -> Iterator[Finding]:
    for row in event_seals.rows(events_of(day).filter(event=kind)):
        mark = marks.pop(row[0], None)
        if mark is None:
            yield Finding(Wrong.ADDED, day, kind, row[0])
        elif mark != event_chain.tag(event_chain.digest_of(row)):
            yield Finding(Wrong.ALTERED, day, kind, row[0])
    for key in sorted(marks):
        yield Finding(Wrong.MISSING, day, kind, key)


def _limited(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Give MOST_NAMED findings of one block, and then say that there are more."""
    findings = iter(findings)
    finding = None
    for finding in itertools.islice(findings, MOST_NAMED):
        yield finding
    if finding is not None and next(findings, None) is not None:
        yield Finding(Wrong.MORE, finding.day, finding.kind)


def _is_in(day: datetime.date, month: datetime.date | None) -> bool:
    return month is None or (day.year, day.month) == (month.year, month.month)
