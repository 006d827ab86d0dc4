"""Time is travelled and not slept."""

from __future__ import annotations

import datetime

import time_machine as machine


class Travel:
    """Moves the clock of the whole process: its threads, the live portal's among them, see the same time.

    The clock goes on ticking from where it was put. The database's own clock and the browser's are not moved.
    """

    def __init__(self) -> None:
        self._machine: machine.travel | None = None

    def __call__(self, **delta: float) -> None:
        """Move forward by a timedelta: `travel(minutes=15, seconds=1)`."""
        self.to(datetime.datetime.now(datetime.UTC) + datetime.timedelta(**delta))

    def to(self, moment: datetime.datetime) -> None:
        """Move to a moment."""
        self.back()
        self._machine = machine.travel(moment, tick=True)
        self._machine.start()

    def back(self) -> None:
        """Come back to now."""
        if self._machine is not None:
            self._machine.stop()
            self._machine = None
