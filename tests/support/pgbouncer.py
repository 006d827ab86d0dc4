"""The pooler of deploy/pgbouncer.ini itself, before the PostgreSQL of the tests."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from tests.support.portal import ROOT, free_port, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAM = shutil.which("pgbouncer", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
MISSING = "pgbouncer is not installed: apt-get install pgbouncer"


class Pooler:
    """A running pgbouncer: the addresses of its two databases, and what it knows of its connections."""

    def __init__(self, port: int, user: str, file: Path) -> None:
        self.port, self._user, self._file = port, user, file

    def address(self, of: str) -> str:
        """Return DATABASE_URL for "pages" or "work"."""
        return f"postgres://{self._user}@127.0.0.1:{self.port}/esr_portal_{of}?pool=transaction"

    def connections_to_postgresql(self, of: str) -> int:
        """Return how many the pool has."""
        with self._console() as console:
            cursor = console.execute("SHOW SERVERS")
            names = [column.name for column in cursor.description or ()]
            return [row[names.index("database")] for row in cursor].count(f"esr_portal_{of}")

    @contextlib.contextmanager
    def limiting_statements(self, *, milliseconds: int) -> Iterator[None]:
        """Let it end what pages ask sooner until the block ends, as an operator changes the file of a running pool."""
        text = self._file.read_text(encoding="utf-8")
        sooner, count = re.subn(r"statement_timeout = 10000", f"statement_timeout = {milliseconds}", text)
        assert count == 1
        try:
            self._read_anew(sooner)
            yield
        finally:
            self._read_anew(text)

    def _read_anew(self, text: str) -> None:
        """Give it another file, and have it open its connections to PostgreSQL anew."""
        self._file.write_text(text, encoding="utf-8")
        with self._console() as console:
            console.execute("RELOAD")
            console.execute("RECONNECT")

    def _console(self) -> psycopg.Connection[tuple[Any, ...]]:
        asked = f"host=127.0.0.1 port={self.port} user=pgbouncer dbname=pgbouncer"
        # It answers plain texts alone.
        return psycopg.connect(asked, autocommit=True, cursor_factory=psycopg.ClientCursor)


@contextlib.contextmanager
def before(server: str, *, database: str, folder: Path, pages: int = 3, work: int = 1) -> Iterator[Pooler]:
    """Run pgbouncer until the block ends, with so many connections for pages and for work to `database` at `server`."""
    assert PROGRAM
    known = conninfo_to_dict(server)
    host, user, port = str(known.get("host") or "127.0.0.1"), str(known.get("user") or "postgres"), free_port()
    password = f" password={known['password']}" if known.get("password") else ""
    own = f"host={host} port={known.get('port') or 5432} user={user}{password}"
    text = (ROOT / "deploy" / "pgbouncer.ini").read_text(encoding="utf-8")
    for pattern, ours in (
        (r"host=localhost port=5432 dbname=esr_portal\b", f"{own} dbname={database}"),
        (r"pool_size=40", f"pool_size={pages}"),
        (r"pool_size=10", f"pool_size={work}"),
        (r"listen_port = 6432", f"listen_port = {port}"),
        # Whoever asks is let in: it listens on this machine, and lives for seconds.
        (r"auth_type = \S+\nauth_file = \S+", "auth_type = any\nadmin_users = pgbouncer"),
        (r"server_tls_sslmode = .*\n.*\n", ""),
        (r"pidfile = .*\nlogfile = .*\n", ""),
    ):
        text, count = re.subn(pattern, ours, text)
        assert count, pattern
    # It refuses to be root, and PostgreSQL's socket may be its owner's alone.
    as_whom = ["-u", Path(host).owner()] if os.getuid() == 0 and host.startswith("/") else []
    with (
        tempfile.TemporaryDirectory(prefix="esr-portal-pgbouncer-") as own,
        (folder / "pgbouncer.log").open("wb") as log,
    ):
        file = Path(own) / "pgbouncer.ini"
        file.write_text(text, encoding="utf-8")
        for path in (own, file) if as_whom else ():
            # It reads the file anew when it is told to, as that user.
            shutil.chown(path, as_whom[1])
        process = subprocess.Popen([PROGRAM, *as_whom, str(file)], stdout=log, stderr=log)
        try:
            wait_until(lambda: process.poll() is not None or _answers(port))
            assert process.poll() is None, (folder / "pgbouncer.log").read_text()
            yield Pooler(port, user, file)
        finally:
            process.terminate()
            process.wait(timeout=60)


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False
