"""Where a secret could have been left: what is searched, and what has to stand there, so that no search is in vain."""

from __future__ import annotations

import contextlib
import dataclasses
import http.client
import io
import os
import re
import stat
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from bench.attacks import visitor
from bench.browser import HOST
from bench.processes import family

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from bench.attacks.canary_walk import Walk
    from bench.attacks.postgresql import Database
    from bench.attacks.rig import Rig

NOBODY = 65534
# What is in a process's memory, its keys among it.
_SECRET_OF_A_PROCESS = ("environ", "mem", "maps", "auxv")


@dataclasses.dataclass(frozen=True)
class Place:
    """Something that can be read: `control` is what stands in it. `of_machines` is what no name belongs in either."""

    name: str
    content: bytes
    control: bytes = b""
    of_machines: bool = False

    def __post_init__(self) -> None:
        """Leave out room that was taken and not used, as in files of counts: megabytes of nothing."""
        object.__setattr__(self, "content", re.sub(rb"\0{2,}", b"\0", self.content))


class Places:
    """All that is searched. The database is looked at again and again: a copy may be made at any moment."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        self._columns: dict[str, set[str]] = {}
        self._log_of_postgresql = Path(_setting("data_directory")) / "log"
        self._begins = self._log_of_postgresql.stat().st_size if self._log_of_postgresql.exists() else 0

    def look_at_the_database(self) -> None:
        """Note what stands in every column of every table now, and in the sessions, which Django compresses."""
        from django.db import connection

        from accounts.models import Session

        with connection.cursor() as cursor:
            tables = connection.introspection.table_names(cursor, include_views=False)
            for table in tables:
                columns = [each.name for each in connection.introspection.get_table_description(cursor, table)]
                quoted = connection.ops.quote_name
                listed = ", ".join(f"{quoted(column)}::text" for column in columns)
                cursor.execute(f"SELECT {listed} FROM {quoted(table)}")  # noqa: S608 - the database's own names.
                for row in cursor.fetchall():
                    for column, value in zip(columns, row, strict=True):
                        if value:
                            self._columns.setdefault(f"{table}.{column}", set()).add(value)
        for session in Session.objects.all():
            self._columns.setdefault("sessions, decoded", set()).add(repr(session.get_decoded()))

    def all(self, walk: Walk, *, without: Collection[str]) -> Iterator[Place]:
        """Yield every place; a copy of the database is made without these tables."""
        for name, values in sorted(self._columns.items()):
            yield Place(f"database: {name}", "\n".join(sorted(values)).encode())
        yield from self.logs()
        yield from self._mails(walk)
        yield from self._of_processes()
        yield from self._told(walk)
        asked = "\n".join(path for browser in walk.browsers for path in browser.asked)
        yield Place("addresses asked for", asked.encode(), b"/log-in/")
        for path in sorted({path for browser in walk.browsers for path, _ in browser.pages}):
            pages = [page for browser in walk.browsers for shown, page in browser.pages if shown == path]
            yield Place(f"page {path}", b"\n".join(pages), b"HTTP/1.1 ")
        if self._rig.postgresql:
            yield self._dump(self._rig.postgresql, without)

    def logs(self) -> Iterator[Place]:
        """Yield what is written down by whoever runs: logs, and other files."""
        folder = self._rig.folder
        yield Place("log of nginx", self._rig.proxy.logs.encode(), b'"POST /log-in/"', of_machines=True)
        processes = b"".join(log.read_bytes() for log in sorted(folder.glob("*.log")))
        yield Place("logs of the processes", processes, b'"logged_in"', of_machines=True)
        if self._log_of_postgresql.exists():
            log = self._log_of_postgresql.read_bytes()[self._begins :]
            yield Place("log of PostgreSQL", log, of_machines=True)
        # What the rig itself notes is nobody's.
        others = [each for each in folder.rglob("*") if each.is_file() and each.suffix != ".log"]
        # The static files are those of the repository.
        others = [each for each in others if folder / "static" not in each.parents]
        left = b"\n".join(each.read_bytes() for each in others if each != self._rig.witness)
        yield Place("state and temporary files", left, b"proxy_pass", of_machines=True)

    def _mails(self, walk: Walk) -> Iterator[Place]:
        own: list[bytes] = []
        others: list[bytes] = []
        for mail in self._rig.mail.mails:
            whole = (
                mail.content.replace(b"=\r\n", b"") + mail.text.encode() + mail.html.encode() + mail.subject.encode()
            )
            (own if walk.person.email in mail.recipients else others).append(whole)
        yield Place("mails to the person", b"\n".join(own), walk.person.username.encode())
        yield Place("mails to others", b"\n".join(others), b"Subject:")

    def _of_processes(self) -> Iterator[Place]:
        pids = [pid for program in self._rig.pids for pid in family(program)]
        lines = b"\n".join(Path(f"/proc/{pid}/cmdline").read_bytes() for pid in pids)
        yield Place("command lines", lines, b"esr_portal", of_machines=True)
        held = b""
        for pid in pids:
            with contextlib.suppress(OSError):
                for link in Path(f"/proc/{pid}/fd").iterdir():
                    # What it can write to, a removed file too; the mode of the link says so (proc(5)).
                    with contextlib.suppress(OSError):
                        held += link.read_bytes() if link.is_file() and link.lstat().st_mode & stat.S_IWUSR else b""
        yield Place("files that the processes write", held, of_machines=True)

    def _told(self, walk: Walk) -> Iterator[Place]:
        from accounts.services import own_data

        for server in self._rig.servers:
            connection = http.client.HTTPConnection(visitor.MACHINE, server.port, timeout=60)
            with contextlib.closing(connection):
                connection.request("GET", "/metrics", headers={"Host": HOST})
                said = connection.getresponse().read()
            yield Place(f"/metrics of {server.name}", said, b"esr_build_info", of_machines=True)
        own = "".join(own_data.written(user=walk.person, in_full=False))
        yield Place("the person's own file", own.encode(), walk.person.username.encode())
        yield Place("events_as_json", _command("events_as_json"), b"logged_in", of_machines=True)
        yield Place("doctor", _command("doctor", "--no-network"), b"database", of_machines=True)
        yield Place("the doctor's page", walk.doctors_page, b"<h1", of_machines=True)

    def _dump(self, postgresql: Database, without: Collection[str]) -> Place:
        """Return a copy of the database as `pg_dump` writes it, without tables that hold a canary on purpose."""
        left_out = [f"--exclude-table={table}" for table in without]
        command = [str(postgresql.programs / "pg_dump"), *left_out, postgresql.address]
        copy = subprocess.run(command, capture_output=True, check=True).stdout
        return Place("a copy of the database", copy, b"COPY public.accounts_securityevent")

    def files_of_the_database(self) -> bytes:
        """Return what stands on the disk of it, what was deleted or overwritten too, and the write-ahead log."""
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("CHECKPOINT")
            cursor.execute("SELECT oid FROM pg_database WHERE datname = current_database()")
            oid = cursor.fetchone()[0]
        data = Path(_setting("data_directory"))
        files = [*(data / "base" / str(oid)).iterdir(), *(data / "pg_wal").glob("0*")]
        return b"\n".join(each.read_bytes() for each in files)


def _setting(name: str) -> str:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting(%s)", [name])
        return str(cursor.fetchone()[0])


def _command(name: str, *told: str) -> bytes:
    """Return what a command of manage.py says, whatever it ends with."""
    from django.core.management import call_command

    said = io.StringIO()
    with contextlib.suppress(SystemExit):
        call_command(name, *told, stdout=said, stderr=said)
    return said.getvalue().encode()


def is_closed_to_others(rig: Rig) -> list[str]:
    """Return, in words, what another user can read of the files of /proc in which the keys are; nothing is right."""
    pids = [pid for program in rig.pids for pid in family(program)]
    files = [f"/proc/{pid}/{name}" for pid in pids for name in _SECRET_OF_A_PROCESS]
    as_root = os.getuid() == 0
    tried = subprocess.run(
        ["/usr/bin/head", "-qc1", *files],
        capture_output=True,
        check=False,
        user=NOBODY if as_root else None,
        group=NOBODY if as_root else None,
        extra_groups=[] if as_root else None,
        env={"LC_ALL": "C"},
    )
    refused = tried.stderr.count(b"Permission denied")
    return [] if refused == len(files) and not tried.stdout else [f"{len(files) - refused} of {len(files)} can be read"]
