"""What processor time and memory processes take, read from /proc (see proc(5))."""

from __future__ import annotations

import os
import threading
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def family(pid: int) -> list[int]:
    """Return a process and all below it."""
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        children = [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except OSError:
        return []
    return [pid, *(below for child in children for below in family(child))]


def cpu_seconds(pid: int) -> float:
    """Return the processor time that a process and all below it have taken so far, in seconds."""
    total = 0
    for member in family(pid):
        try:
            # After the name in brackets: field 14 is user time, 15 system time.
            fields = Path(f"/proc/{member}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        total += int(fields[11]) + int(fields[12])
    return total / _TICKS


def memory(pid: int) -> int:
    """Return the memory of a process and all below it, in bytes; what they share counts once.

    The portal's processes show root alone what they share (esr_portal/core_dumps.py): for others it counts for each.
    """
    total = 0
    for member in family(pid):
        try:
            total += _kilobytes(f"/proc/{member}/smaps_rollup", "Pss:") * 1024
        except PermissionError:
            total += _kilobytes(f"/proc/{member}/status", "VmRSS:") * 1024
        except OSError:
            continue
    return total


def _kilobytes(file: str, name: str) -> int:
    lines = Path(file).read_text().splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith(name)), 0)


class Peak:
    """Watches the memory of a process family while a block runs; `bytes` is the most that it was."""

    def __init__(self, pid: int) -> None:
        self.bytes = 0
        self._pid = pid
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> Peak:
        """Begin to watch."""
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        """Stop watching."""
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.25):
            self.bytes = max(self.bytes, memory(self._pid))
