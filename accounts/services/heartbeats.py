"""Whether workers (`manage.py work`) are at work: each process notes now and then that it is there.

A worker on a machine whose clock is ahead does not hide that all have died: what comes from the future is not counted.
"""

from __future__ import annotations

import datetime
import platform
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import Max, Q
from django.utils import timezone

from accounts import clocks
from accounts.models import WorkerHeartbeat
from accounts.models.worker_heartbeat import LONGEST_MACHINE, LONGEST_VERSION

if TYPE_CHECKING:
    import uuid
    from collections.abc import Mapping

# One short update. A worker that dies is missed within LATE_AFTER, whatever this is.
BETWEEN_BEATS = datetime.timedelta(seconds=15)
# A mail takes 100 seconds where the mail server is at its slowest (outbox.LEASE says why), and meanwhile the main loop
# does not come round. This is more than that and a beat.
LATE_AFTER = datetime.timedelta(minutes=2)
# What runs beside the mails may take as long over a piece of its work as a worker may hold a row (outbox.LEASE): after
# that another worker takes it for dead too.
PART_LATE_AFTER = datetime.timedelta(minutes=5)
# A worker that was killed is shown for as long as an operator may ask what became of it.
KEPT_FOR = datetime.timedelta(days=1)


def beat(
    *, worker: uuid.UUID, began_at: datetime.datetime, parts: Mapping[str, datetime.datetime] | None = None
) -> None:
    """Note that this worker is at work, and when each of its parts last came round. Raises django.db.Error.

    A row that was deleted as too old meanwhile comes back: the worker hung, and goes on.
    """
    facts = {
        "machine": machine(),
        "version": settings.VERSION[:LONGEST_VERSION],
        "began_at": began_at,
        "seen_at": timezone.now(),
        "parts": {name: moment.isoformat() for name, moment in (parts or {}).items()},
    }
    rows = WorkerHeartbeat.objects.filter(pk=worker)
    if not rows.update(**facts):
        WorkerHeartbeat.objects.create(pk=worker, **facts)


def end(*, worker: uuid.UUID) -> None:
    """Take away the row of a worker that stops as it was asked to. Raises django.db.Error."""
    WorkerHeartbeat.objects.filter(pk=worker).delete()


def newest() -> datetime.datetime | None:
    """Return when a worker was last seen at work, or None where there is none. One query of a few rows."""
    found: datetime.datetime | None = WorkerHeartbeat.objects.filter(
        seen_at__lte=timezone.now() + clocks.MOST_APART
    ).aggregate(newest=Max("seen_at"))["newest"]
    return found


def delete_old() -> int:
    """Delete the rows of workers not seen for KEPT_FOR, or put as far ahead by a wrong clock. Daily work."""
    now = timezone.now()
    old = Q(seen_at__lt=now - KEPT_FOR) | Q(seen_at__gt=now + KEPT_FOR)
    deleted, _ = WorkerHeartbeat.objects.filter(old).delete()
    return deleted


def machine() -> str:
    """Return the name of this machine, for operators."""
    return platform.node()[:LONGEST_MACHINE]
