"""What a worker process knows of itself: that its main loop comes round, and that each of its threads does.

The main loop alone writes it down, so that one that hangs is seen to. A thread notes in memory that it came round, and
one that hangs, or fails each time, is seen by the age of its note.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.utils import timezone

from accounts.services import heartbeats

if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable


class Pulse:
    """The pulse of one worker process."""

    def __init__(self) -> None:
        self._worker = uuid.uuid4()
        self._began_at = timezone.now()
        self._parts: dict[str, datetime.datetime] = {}
        self._beaten_at: datetime.datetime | None = None

    def part(self, name: str) -> Callable[[], None]:
        """Return what this part of the worker is to call each time that it came round. It writes to no database."""

        def came_round() -> None:
            self._parts[name] = timezone.now()

        # From here on it is missed, whether or not it ever begins.
        came_round()
        return came_round

    def do_what_is_due(self) -> None:
        """Beat where it is time. Raises django.db.Error when the database is away."""
        now = timezone.now()
        # Whichever way the clock was put: a beat is not left out because it was put back.
        if self._beaten_at is not None and abs(now - self._beaten_at) < heartbeats.BETWEEN_BEATS:
            return
        heartbeats.beat(worker=self._worker, began_at=self._began_at, parts=dict(self._parts))
        self._beaten_at = now

    def end(self) -> None:
        """Say that this worker stops as it was asked to. Raises django.db.Error when the database is away."""
        heartbeats.end(worker=self._worker)
