"""Two machines with nothing in common but the database and the keys, through pgbouncer in transaction mode where it is.

Each has its own state folder, web server and worker. A browser sends each request to the other machine than the last.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import psycopg
import pytest

from bench.browser import Browser
from tests.support import database, pgbouncer, portal
from tests.support.authenticator import PhoneApp
from tests.support.people_files import HEADING, JO
from tests.support.portal import SAFE, Running, wait_until
from tests.support.smtp import Inbox, MailServer

if TYPE_CHECKING:
    from pathlib import Path

    from bench.browser import Answer

pytestmark = [
    pytest.mark.own_processes,
    pytest.mark.skipif(database.is_sqlite(), reason="an SQLite file is one machine's"),
]

PASSWORD, NEXT_PASSWORD = "violet harbour tandem 7", "marble lantern orchard"
HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')
# Connections to PostgreSQL that the web servers and workers of both machines share.
SHARED = 3


class Machines:
    """Both machines, the mails that they send, and the variables that they have in common."""

    def __init__(
        self, running: list[Running], inbox: Inbox, variables: dict[str, str], pooler: pgbouncer.Pooler | None
    ):
        self.running, self.inbox, self.variables, self.pooler = running, inbox, variables, pooler

    def command(self, *arguments: str, state: Path) -> str:
        """Run a command of the portal's, as an operator of either machine does; return what it says."""
        variables = {**self.variables, **({"DATABASE_URL": self.pooler.address("work")} if self.pooler else {})}
        done = portal.outcome("manage.py", *arguments, state=state, variables=variables)
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None) -> Iterator[Machines]:
    """Run them, with one organisation and one person."""
    server = os.environ["DATABASE_URL"]
    folder = tmp_path_factory.mktemp("machines")
    mails = MailServer()
    mails.start()
    with ExitStack() as stack:
        stack.callback(mails.stop)
        address, pooler = stack.enter_context(database.another()), None
        if pgbouncer.PROGRAM:
            name = urlsplit(address).path.strip("/")
            pooler = stack.enter_context(pgbouncer.before(server, database=name, folder=folder, pages=SHARED))
            address = pooler.address("pages")
        variables = SAFE | {
            "DATABASE_URL": address,
            "EMAIL_URL": f"smtp://{mails.host}:{mails.port}",
            "TRUSTED_PROXIES": "127.0.0.1",
        }
        running = []
        for name in ("one", "other"):
            (folder / name).mkdir()
            running.append(stack.enter_context(portal.running(state=folder / name, variables=variables)))
        both = Machines(running, Inbox(mails), variables, pooler)
        northern = ("--code=999", "--name=Northern Test Hospitals", "--support-email=esr@northern.nhs.example")
        both.command("add_organisation", *northern, "--email-domain=nhs.net", state=folder / "one")
        (folder / "people.csv").write_text(f"{HEADING}\n{JO}\n", encoding="utf-8")
        both.command("import_people", str(folder / "people.csv"), state=folder / "other")
        yield both


class Person:
    """A browser whose requests go to the machines in turns, as behind a proxy that knows of no sessions."""

    def __init__(self, machines: Machines) -> None:
        self._browsers = [Browser(running.port, "10.9.8.7") for running in machines.running]
        # One jar: to the browser they are one portal.
        for browser in self._browsers:
            browser.cookies = self._browsers[0].cookies
        self.path, self.text = "", ""

    def open(self, path: str) -> str:
        """Ask for a page, and go where that leads; return its text."""
        self._follow(path, self._next().get(path))
        return self.text

    def send(self, path: str = "", **typed: str) -> str:
        """Send the form of the page that is open, to itself unless its action is `path`; return the page after it."""
        page = self._page
        hidden = {name: unescape(value) for name, value in HIDDEN.findall(self.text) if name != "csrfmiddlewaretoken"}
        self._follow(path or self.path, self._next().post(path or self.path, page, **{**hidden, **typed}))
        return self.text

    def try_to_log_in(self, **typed: str) -> Answer:
        """Send the log-in form; return whatever the answer is."""
        self.open("/log-in/")
        return self._next().post("/log-in/", self._page, **typed)

    def close(self) -> None:
        """Hang up."""
        for browser in self._browsers:
            browser.close()

    def _follow(self, path: str, answer: Answer) -> None:
        while answer.status == 302:
            path = answer.location
            answer = self._next().get(path)
        self._page, self.path, self.text = answer, path, answer.body.decode()
        assert answer.status == 200, (path, answer.status)

    def _next(self) -> Browser:
        self._browsers.reverse()
        return self._browsers[0]


@pytest.fixture
def new_person(machines: Machines) -> Iterator[Callable[[], Person]]:
    """Return a function that gives another browser; all are closed with the test."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(closing(Person(machines)))


def test_every_step_of_a_person_may_be_at_another_machine_than_the_one_before(
    machines: Machines, new_person: Callable[[], Person]
) -> None:
    person = new_person()
    person.open("/recovery/")
    born = {"date_of_birth_day": "23", "date_of_birth_month": "4", "date_of_birth_year": "1980"}
    assert "jo.smith@nhs.net" in person.send(email="jo.smith@nhs.net", **born)
    wait_until(lambda: any("recovery/link/" in mail.text for mail in machines.inbox.mails))
    mail = next(mail for mail in machines.inbox.mails if "recovery/link/" in mail.text)
    username = re.search(r"\b999\w+", mail.text)
    link = next(link for link in mail.links if "recovery/link/" in link)
    assert username
    person.open(urlsplit(link).path)
    person.send("/recovery/new-password/", new_password=PASSWORD)
    assert person.path.startswith("/recovery/done/")

    person.open("/log-in/")
    assert "Log out" not in person.send(username=username[0], password="wrong")
    person.send(username=username[0], password=PASSWORD)
    if "/passkeys/offer/" in person.path:
        person.send("/passkeys/offer/later/")
    assert "Log out" in person.text, person.path

    person.open("/change-password/")
    person.send(current_password=PASSWORD, new_password=NEXT_PASSWORD)
    assert "Log out" in person.text

    person.open("/second-step/set-up/app/")
    if person.path.startswith("/my-esr/security/confirm/"):
        person.send(current_password=NEXT_PASSWORD)
    secret = re.search(r"(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}", person.text)
    assert secret, person.path
    app = PhoneApp.typed(secret[0])
    person.send(code=app.code())
    assert person.path == "/second-step/set-up/codes/"

    # What one machine does, the other knows: a stranger's browser is asked for the second step, and not let in without.
    again = new_person()
    again.open("/log-in/")
    again.send(username=username[0], password=NEXT_PASSWORD)
    assert again.path == "/log-in/second-step/"
    assert "Log out" in person.open("/my-esr/")
    person.send("/log-out/")
    assert "Log out" not in person.open("/log-in/")


@pytest.mark.skipif(not pgbouncer.PROGRAM, reason=pgbouncer.MISSING)
def test_two_servers_and_their_workers_share_few_connections(
    machines: Machines, new_person: Callable[[], Person]
) -> None:
    assert machines.pooler
    for _ in range(5):
        person = new_person()
        person.open("/log-in/")
        person.send(username="999NOBODY01", password="wrong")
    assert 1 <= machines.pooler.connections_to_postgresql("pages") <= SHARED


@pytest.mark.skipif(not pgbouncer.PROGRAM, reason=pgbouncer.MISSING)
def test_a_page_waits_no_longer_through_the_pool_and_a_command_as_long_as_it_takes(machines: Machines) -> None:
    assert machines.pooler
    found = {
        of: [shown(machines.pooler, of, f"{what}_timeout") for what in ("statement", "lock")]
        for of in ("pages", "work")
    }
    assert found == {"pages": ["10s", "5s"], "work": ["0", "0"]}


def shown(pooler: pgbouncer.Pooler, of: str, name: str) -> str:
    """Return a setting as a connection through the pool has it."""
    with psycopg.connect(pooler.address(of).partition("?")[0], autocommit=True) as connection:
        found = connection.execute(f"SHOW {name}").fetchone()
    assert found
    return str(found[0])


SLOW = """
CREATE FUNCTION be_slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(60); RETURN NEW; END $$;
CREATE TRIGGER slow BEFORE INSERT ON accounts_lockout FOR EACH ROW EXECUTE FUNCTION be_slow();
"""
STILL_SLEEPING = """
SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()
"""
NOT_SLOW = "DROP TRIGGER slow ON accounts_lockout; DROP FUNCTION be_slow()"


@pytest.mark.skipif(not pgbouncer.PROGRAM, reason=pgbouncer.MISSING)
def test_a_slow_statement_of_a_page_is_ended_by_the_pool_and_the_page_says_try_again(
    machines: Machines, new_person: Callable[[], Person]
) -> None:
    """Threat: a statement that does not end takes one of the few connections after another."""
    assert machines.pooler
    wrong = {"username": "999NOBODY02", "password": "wrong"}
    with psycopg.connect(machines.pooler.address("work").partition("?")[0], autocommit=True) as connection:
        connection.execute(SLOW)
        try:
            with machines.pooler.limiting_statements(milliseconds=400):
                assert shown(machines.pooler, "pages", "statement_timeout") == "400ms"
                # More than there are connections: each is free again.
                answers = [new_person().try_to_log_in(**wrong) for _ in range(SHARED + 1)]
            # Without the pool's limit the portal gives up by itself, and PostgreSQL goes on.
            slow = connection.execute(STILL_SLEEPING).fetchone()
        finally:
            connection.execute(NOT_SLOW)
    assert slow == (0,)
    assert [answer.status for answer in answers] == [503] * (SHARED + 1)
    assert all("Try again in a few minutes" in answer.body.decode() for answer in answers)
    assert new_person().try_to_log_in(**wrong).status == 200


@pytest.mark.skipif(not pgbouncer.PROGRAM, reason=pgbouncer.MISSING)
def test_a_web_server_refuses_a_pool_that_lets_pages_wait(machines: Machines, tmp_path: Path) -> None:
    """Threat: PostgreSQL hangs, each thread waits for it, and no page answers."""
    assert machines.pooler
    variables = {**machines.variables, "DATABASE_URL": machines.pooler.address("work")}
    done = portal.outcome("-c", "import esr_portal.wsgi", state=tmp_path, variables=variables)
    assert "Cannot start: the pool that DATABASE_URL names lets pages wait" in done.stderr
    assert "connect_query='SET statement_timeout = 10000; SET lock_timeout = 5000'" in done.stderr
