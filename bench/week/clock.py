"""Clocks of processes that are set ahead, by libfaketime: the time of day moves, and what measures seconds does not."""

from __future__ import annotations

import abc
import datetime
import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# Seconds.
LOOKED_AT_EVERY = 1
MISSING = "libfaketime is not installed: apt-get install libfaketime"


class _ForChildren(abc.ABC):
    """Gives each process its clock that is started meanwhile."""

    @abc.abstractmethod
    def variables(self) -> Mapping[str, str]:
        """Return what gives a process this clock."""

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


class Clock(_ForChildren):
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


class FileClock(_ForChildren):
    """A clock that is set while processes run that were started with it: they look at a file each second."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.ahead = datetime.timedelta(0)
        self.set(self.ahead)

    def set(self, ahead: datetime.timedelta) -> None:
        """Set it so far ahead of this machine's, or behind it. After LOOKED_AT_EVERY all processes have it."""
        self.ahead = ahead
        new = self._file.with_suffix(".new")
        new.write_text(f"{int(ahead.total_seconds()):+d}s\n", encoding="ascii")
        new.chmod(0o644)
        # At once: what is read of it is the whole.
        new.replace(self._file)

    def variables(self) -> Mapping[str, str]:
        """Return what gives a process this clock."""
        return {
            "LD_PRELOAD": library(),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_CACHE_DURATION": str(LOOKED_AT_EVERY),
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
        }


def library() -> str:
    """Return where libfaketime is. Ends the program where it is not installed."""
    found = found_library()
    return found or sys.exit(MISSING)


def found_library() -> str:
    """Return where libfaketime is, or ""."""
    for folder in (Path("/usr/lib"), Path("/usr/lib64"), Path("/usr/local/lib")):
        found = next(folder.glob("**/faketime/libfaketimeMT.so.1"), None) if folder.exists() else None
        if found is not None:
            return str(found)
    return ""
