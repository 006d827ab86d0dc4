"""The portal as it runs in production, on PostgreSQL, with made-up people; torn down afterwards."""

from __future__ import annotations

import datetime
import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from bench.browser import HOST

ROOT = Path(__file__).resolve().parent.parent
PASSWORD = "violet harbour tandem 7"  # noqa: S105 - made up.
DATE_OF_BIRTH = datetime.date(1980, 4, 23)
PEOPLE = 4000
READY_WITHIN = 60


def username(number: int) -> str:
    """Return the username of the made-up person with this number; there are PEOPLE of them."""
    return f"999BENCH{number % PEOPLE:05}"


@contextmanager
def database(kind: str = "postgresql") -> Iterator[None]:
    """Make a database of our own with the portal's tables and people in it, and set Django up on it.

    `kind` is "postgresql" or "sqlite".
    """
    if kind == "sqlite":
        os.environ["TEST_DATABASE_URL"] = "sqlite"
    # Sets the variables of a production portal, with a PostgreSQL and a state folder of its own.
    import tests.environment  # noqa: F401

    os.environ |= {"DJANGO_SETTINGS_MODULE": "esr_portal.settings", "TRUSTED_PROXIES": "127.0.0.1"}
    if kind == "sqlite":
        _fill()
        yield
        return
    with new_database(f"bench_{os.getpid()}", beside=os.environ["DATABASE_URL"]) as address:
        os.environ["DATABASE_URL"] = address
        _fill()
        yield


@contextmanager
def new_database(name: str, *, beside: str) -> Iterator[str]:
    """Make a PostgreSQL database of this name on the server of the one at `beside`; yield its address, and drop it."""
    import psycopg

    with psycopg.connect(beside, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield urlunsplit((*urlsplit(beside)[:2], f"/{name}", *urlsplit(beside)[3:]))
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _fill() -> None:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    make_people("BENCH", PEOPLE)


def make_people(letters: str, count: int, **facts: object) -> None:
    """Add people with PASSWORD, named 999<letters>00000 and so on, with `facts` about each."""
    from django.contrib.auth.hashers import make_password
    from django.utils import timezone

    from accounts.models import EmailDomain, Organisation, SecondStepRecord, User

    organisation, _ = Organisation.objects.get_or_create(
        code="999", defaults={"name": "Bench Hospitals", "support_email": "esr@bench.example"}
    )
    EmailDomain.objects.get_or_create(organisation=organisation, domain="bench.example")
    first = 10_000_000 + User.objects.count()
    # One hash for all: making thousands would take longer than measuring.
    shared = {"password": make_password(PASSWORD), **facts}
    User.objects.bulk_create(
        User(
            username=f"999{letters}{number:05}",
            given_name="Jo",
            family_name="Bench",
            email=f"{letters.lower()}{number}@bench.example",
            date_of_birth=DATE_OF_BIRTH,
            employee_number=str(first + number),
            organisation=organisation,
            **shared,
        )
        for number in range(count)
    )
    # As on most days: they were offered a passkey lately, and are not now.
    people = User.objects.filter(username__startswith=f"999{letters}").values_list("pk", flat=True)
    SecondStepRecord.objects.bulk_create(
        [SecondStepRecord(user_id=pk, passkey_offered_at=timezone.now()) for pk in people], ignore_conflicts=True
    )


class Server:
    """A running server: its port and process."""

    def __init__(self, port: int, process: subprocess.Popen[bytes]) -> None:
        self.port = port
        self.pid = process.pid


def free_port() -> int:
    """Return a port at which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@contextmanager
def server() -> Iterator[Server]:
    """Start the web server as production does, behind a proxy on this machine: us."""
    port = free_port()
    environment = {**os.environ, "PORT": str(port)}
    with running(["-m", "esr_portal.server"], port=port, environment=environment, ready="/health/ready") as started:
        yield started


@contextmanager
def running(arguments: list[str], *, port: int, environment: dict[str, str], ready: str) -> Iterator[Server]:
    """Run Python with `arguments`, a server at `port`, until the block ends; begin when it answers `ready` with 200."""
    log = Path(os.environ["STATE_DIR"]) / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, *arguments], cwd=ROOT, env=environment, stdout=output, stderr=output
        )
    try:
        _wait_until_ready(port, process, log, ready)
        yield Server(port, process)
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait_until_ready(port: int, process: subprocess.Popen[bytes], log: Path, path: str) -> None:
    deadline = time.monotonic() + READY_WITHIN
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", path, headers={"Host": HOST})
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
        finally:
            connection.close()
    sys.exit(f"The server did not start:\n{log.read_text()}")
