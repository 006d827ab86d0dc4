"""What happened on each day, counted by a worker from the security events, so that no page reads millions of them.

A count names no person and is kept for a year, longer than the events of strangers (esr_portal/event_ages.py). What is
counted follows from the events alone, so a day can be counted again as often as it takes: that of today every few
minutes, those before until what began on them has ended. docs/decisions/0055-the-overview-is-counted-by-day.md.
"""

from __future__ import annotations

import datetime
import logging
from collections import Counter
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from accounts.models import CountedDay, DailyCount, SecurityEvent
from accounts.models.security_event import Event
from accounts.services import counting, events

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from accounts.models import Organisation

logger = logging.getLogger("esr_portal.guessing")

DAY = datetime.timedelta(days=1)
KEPT_FOR = datetime.timedelta(days=366)
# A look at the overview in the morning of an outage is worth nothing if it is an hour old.
TODAY_EVERY = datetime.timedelta(minutes=5)
BEFORE_TODAY_EVERY = datetime.timedelta(hours=1)
# A person who asks at midnight is counted as back in until the next midnight, and workers may be late.
SETTLES_AFTER = counting.BACK_IN_WITHIN + datetime.timedelta(hours=2)
# A worker that has not counted a day by then was killed.
LEASE = datetime.timedelta(minutes=10)
# How many people have what: counted once a day by the helpdesk's own tidying, not from events.
OF_PEOPLE = "people/"


def count_next() -> datetime.date | None:
    """Count the day whose turn it is, today first; return it, or None where none is due. For a worker.

    Any number of workers may ask at once: each day goes to one of them.
    """
    for day in _due(timezone.now()):
        if _claim(day):
            count_day(day=day)
            return day
    return None


def count_day(*, day: datetime.date) -> None:
    """Count the events of a day, in the place of what was counted of it before."""
    now = timezone.now()
    rows = [
        DailyCount(day=day, organisation_id=organisation, what=what, count=count)
        for (organisation, what), count in counting.of_day(begins_at=midnight(day), ends_at=midnight(day + DAY)).items()
    ]
    with transaction.atomic():
        CountedDay.objects.bulk_create([CountedDay(day=day)], ignore_conflicts=True)
        counted = CountedDay.objects.select_for_update().get(pk=day)
        before = _guessed(DailyCount.objects.filter(day=day))
        DailyCount.objects.filter(day=day).exclude(what__startswith=OF_PEOPLE).delete()
        DailyCount.objects.bulk_create(rows, batch_size=1000)
        counted.counted_at, counted.begun_at = now, None
        counted.save(update_fields=["counted_at", "begun_at"])
    if day >= timezone.localdate(now) - DAY:
        _warn(before, _guessed(rows))


def store_people(*, counts: Mapping[int, Mapping[str, int]]) -> int:
    """Store how many people have what today, by organisation; return how many organisations there were."""
    today = timezone.localdate()
    rows = [
        DailyCount(day=today, organisation_id=organisation, what=f"{OF_PEOPLE}{what}", count=count)
        for organisation, each in counts.items()
        for what, count in each.items()
    ]
    with transaction.atomic():
        # So that of two at once the second waits for the first.
        CountedDay.objects.bulk_create([CountedDay(day=today)], ignore_conflicts=True)
        CountedDay.objects.select_for_update().get(pk=today)
        DailyCount.objects.filter(day=today, what__startswith=OF_PEOPLE).delete()
        DailyCount.objects.bulk_create(rows, batch_size=1000)
    return len(counts)


def by_day(
    *, organisation: Organisation | None, first: datetime.date, last: datetime.date
) -> dict[datetime.date, dict[str, int]]:
    """Return the counts of each day from `first` to `last`, by what was counted, in one query.

    `organisation` None is all of them together, with what is no organisation's.
    """
    rows = DailyCount.objects.filter(day__range=(first, last)).order_by()
    if organisation is not None:
        rows = rows.filter(organisation=organisation)
    found: dict[datetime.date, dict[str, int]] = {}
    for day, what, count in rows.values_list("day", "what").annotate(together=Sum("count")):
        found.setdefault(day, {})[what] = count
    return found


def of_portal(*, first: datetime.date, last: datetime.date, what: str) -> dict[datetime.date, int]:
    """Return what was counted of the portal as a whole, by day."""
    rows = DailyCount.objects.filter(day__range=(first, last), organisation__isnull=True, what=what)
    return dict(rows.values_list("day", "count"))


def counted_at(*, day: datetime.date) -> datetime.datetime | None:
    """Return up to when the events of a day are counted, or None where none are yet."""
    return CountedDay.objects.filter(pk=day).values_list("counted_at", flat=True).first()


def delete_old() -> int:
    """Delete the counts of days longer ago than KEPT_FOR; return how many. Daily work."""
    before = timezone.localdate() - KEPT_FOR
    CountedDay.objects.filter(day__lt=before).delete()
    return DailyCount.objects.filter(day__lt=before).delete()[0]


def midnight(day: datetime.date) -> datetime.datetime:
    """Return when a day begins here."""
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time.min))


def _guessed(rows: Iterable[DailyCount]) -> Counter[str]:
    """Return how many were guessed at, of a day's counts: people, and usernames that nobody has."""
    found: Counter[str] = Counter()
    for row in rows:
        if row.what in {counting.SPRAYED, counting.STUFFED}:
            found[row.what] += row.count
    return found


def _warn(before: Counter[str], now: Counter[str]) -> None:
    """Log that many usernames are tried, where they are more than when the day was last counted.

    The overview says so too, to an agent who opens it. An operator's alarm is a line of the log.
    """
    if now - before:
        facts = {"people": now[counting.SPRAYED], "unknown_usernames": now[counting.STUFFED]}
        logger.warning("many usernames are tried", extra=facts)


def _due(now: datetime.datetime) -> list[datetime.date]:
    """Return the days that are to be counted now, the latest first: at the first run all that events still cover."""
    today = timezone.localdate(now)
    oldest = SecurityEvent.objects.order_by("at").values_list("at", flat=True).first()
    if oldest is None:
        return []
    # Of a day before, some kinds of events are deleted already.
    first = max(timezone.localdate(oldest), today - events.kept_for(event=Event.LOG_IN_FAILED) + DAY)
    known = {row.day: row for row in CountedDay.objects.filter(day__gte=first)}
    days = [today - n * DAY for n in range((today - first).days + 1)]
    return [day for day in days if day not in known or _is_due(known[day], now)]


def _is_due(row: CountedDay, now: datetime.datetime) -> bool:
    if row.begun_at is not None and row.begun_at > now - LEASE:
        return False
    if row.counted_at is None:
        return True
    is_today = row.day == timezone.localdate(now)
    has_settled = row.counted_at >= midnight(row.day + DAY) + SETTLES_AFTER
    return not has_settled and row.counted_at <= now - (TODAY_EVERY if is_today else BEFORE_TODAY_EVERY)


def _claim(day: datetime.date) -> bool:
    now = timezone.now()
    CountedDay.objects.bulk_create([CountedDay(day=day)], ignore_conflicts=True)
    row = CountedDay.objects.get(pk=day)
    if not _is_due(row, now):
        return False
    same = CountedDay.objects.filter(pk=day, begun_at=row.begun_at, counted_at=row.counted_at)
    return same.update(begun_at=now) == 1
