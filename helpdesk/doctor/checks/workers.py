"""Whether workers are at work, and each part of them."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import timezone

from accounts import clocks
from accounts.models import WorkerHeartbeat
from accounts.services import heartbeats
from helpdesk.doctor.findings import failure, good, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from helpdesk.doctor.findings import Finding

_START = "Start it: manage.py work, as the service esr-portal-worker does. Its log says why it ended."


def check() -> Iterator[Finding]:
    """Yield how many are at work, and what is wrong with each that is or was."""
    now, rows = timezone.now(), list(WorkerHeartbeat.objects.all())
    at_work = [row for row in rows if _age(row.seen_at, now) <= heartbeats.LATE_AFTER]
    if not at_work:
        newest = heartbeats.newest()
        since = f" for {_minutes(now - newest)} minutes" if newest else ""
        yield failure(f"No worker has been seen at work{since}: no mail goes out, no request is decided.", _START)
    for row in rows:
        if row not in at_work:
            if at_work:
                yield warning(
                    f"A worker on {row.machine} was last seen {_minutes(now - row.seen_at)} minutes ago.",
                    f"Look at its log on that machine. {_START}",
                )
            continue
        yield from _of(row, now)
    if at_work:
        machines = ", ".join(sorted({row.machine for row in at_work}))
        yield good(f"Workers at work: {len(at_work)}, on {machines}.")


def _of(row: WorkerHeartbeat, now: datetime.datetime) -> Iterator[Finding]:
    if row.seen_at > now + clocks.MOST_APART:
        yield failure(f"The clock of {row.machine}, where a worker runs, is ahead.", "Have it keep time by NTP.")
    if row.version != settings.VERSION:
        yield warning(
            f"The worker on {row.machine} is of version {row.version}, and this is {settings.VERSION}.",
            "Start it anew: an upgrade ends with that.",
        )
    for name, said in sorted(row.parts.items()):
        age = _age(datetime.datetime.fromisoformat(said), now)
        if age > heartbeats.PART_LATE_AFTER:
            yield failure(
                f"A part of the worker on {row.machine} has not come round for {_minutes(age)} minutes: {name}.",
                "Its log says why it fails. Where it says nothing it hangs: start the worker anew.",
            )


def _age(moment: datetime.datetime, now: datetime.datetime) -> datetime.timedelta:
    return now - moment


def _minutes(age: datetime.timedelta) -> int:
    return max(0, round(age.total_seconds() / 60))
