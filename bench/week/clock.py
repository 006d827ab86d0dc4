"""Clocks of processes that are set ahead, by libfaketime: the time of day moves, and what measures seconds does not."""

from __future__ import annotations

import datetime
import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MISSING = "libfaketime is not installed: apt-get install libfaketime"


class Clock:
    """How far ahead of this machine's the clock is; what is started meanwhile keeps the distance that it began with."""

    def __init__(self) -> None:
        self._began = datetime.datetime.now(datetime.UTC)
        self.ahead = datetime.timedelta(0)

    def now(self) -> datetime.datetime:
        """Return the time that the portal's processes are told, in UTC."""
        return datetime.datetime.now(datetime.UTC) + self.ahead

    def set(self, *, day: int, hour: int) -> None:
        """Go on to an hour, in UTC, of a day after the one on which the clock was made. Never back."""
        wanted = self._began.replace(hour=hour, minute=0, second=0) + datetime.timedelta(days=day)
        self.ahead = max(self.ahead, wanted - datetime.datetime.now(datetime.UTC))

    def variables(self) -> Mapping[str, str]:
        """Return what sets the clock of a process that is started with it."""
        return {
            "LD_PRELOAD": library(),
            "FAKETIME": f"+{int(self.ahead.total_seconds())}s",
            # Time-outs and pauses take as long as they take.
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            # Files that it has no part in keep the time that they have.
            "NO_FAKE_STAT": "1",
        }

    @contextmanager
    def for_children(self) -> Iterator[None]:
        """Let each process that is started within the block have this clock."""
        before = {name: os.environ.get(name) for name in self.variables()}
        os.environ |= self.variables()
        try:
            yield
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value


def library() -> str:
    """Return where libfaketime is. Ends the program where it is not installed."""
    for folder in (Path("/usr/lib"), Path("/usr/lib64"), Path("/usr/local/lib")):
        found = next(folder.glob("**/faketime/libfaketimeMT.so.1"), None) if folder.exists() else None
        if found is not None:
            return str(found)
    sys.exit(MISSING)
