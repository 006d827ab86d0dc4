"""Where the processes of one web server keep what they count, so that any of them can answer for all.

prometheus_client keeps a file for each process and maps it into memory (its multiprocess mode). A write into a part of
such a file that has no room on a full disk ends the process (SIGBUS), so the room is taken beforehand, and where there
is none the process counts for itself alone. Of a process that is gone its counts stay, as counters must, until the
server starts anew.
"""

from __future__ import annotations

import logging
import os
import shutil
from pathlib import Path

logger = logging.getLogger("esr_portal.metrics")

# What prometheus_client reads, when it is first imported.
VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
# Bytes by kind of file: several times what all series of this code take (tests/unit/test_metrics_folder.py).
ROOM = {"counter": 1 << 21, "histogram": 1 << 22, "gauge_livesum": 1 << 16}


def of_server(*, state: Path, port: int) -> Path:
    """Return the folder of the web server on a port: two of them can share a state folder."""
    return state / "metrics" / str(port)


def make_empty(folder: Path) -> None:
    """Make the folder anew for a server that starts. Raises OSError."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)


def take_room() -> None:
    """Take the room for what this process will count. Called before prometheus_client is imported.

    Where there is none, this process counts for itself, and the log says so.
    """
    folder = os.environ.get(VARIABLE, "")
    if not folder:
        return
    files = [(Path(folder) / f"{kind}_{os.getpid()}.db", size) for kind, size in ROOM.items()]
    try:
        for file, size in files:
            with file.open("wb") as opened:
                os.posix_fallocate(opened.fileno(), 0, size)
    except OSError as error:
        del os.environ[VARIABLE]
        for file, _ in files:
            file.unlink(missing_ok=True)
        logger.warning("what this process counts is not seen: no room in STATE_DIR", extra={"errno": error.errno})


def forget_the_dead(folder: Path) -> None:
    """Delete what processes that are gone say of the present: the length of a queue that is no more."""
    for file in folder.glob("gauge_live*_*.db"):
        if not _lives(int(file.stem.rpartition("_")[2])):
            file.unlink(missing_ok=True)


def _lives(process: int) -> bool:
    # The kernel is asked: a hardened unit may not see the folders in /proc of its own processes (hidepid). A process
    # that it may not signal is another user's, which was given the number later.
    try:
        os.kill(process, 0)
    except (ProcessLookupError, PermissionError, OverflowError):
        return False
    return True
