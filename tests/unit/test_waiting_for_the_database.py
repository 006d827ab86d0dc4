"""Threat: PostgreSQL hangs or a lock is not let go, each thread of the web server waits for it, and no page answers."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from esr_portal import connections as limits
from tests.support import database

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(database.is_sqlite(), reason="SQLite's file is on this machine, and has a time-out of its own"),
]


@contextmanager
def another() -> Iterator[BaseDatabaseWrapper]:
    """Give a connection of its own to the test database, limited as the web server's are."""
    connection = connections.create_connection("default")
    connection.connect()
    limits.limit_waiting(connection=connection)
    try:
        yield connection
    finally:
        connection.close()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LONGEST_STATEMENT", 0.2)
    monkeypatch.setattr(limits, "LONGEST_LOCK", 0.1)
    monkeypatch.setattr(limits, "LONGEST_ANSWER", 0.5)


def ask(connection: BaseDatabaseWrapper, query: str) -> tuple[Any, ...]:
    """Return the first row of the answer."""
    with connection.cursor() as cursor:
        cursor.execute(query)
        row: tuple[Any, ...] = cursor.fetchone()
        return row


def test_the_web_server_waits_no_longer_than_a_page_may() -> None:
    with another() as connection:
        assert ask(connection, "SHOW statement_timeout") == ("10s",)
        assert ask(connection, "SHOW lock_timeout") == ("5s",)
    # What a proxy waits by default is a minute, and the person less.
    assert limits.LONGEST_LOCK < limits.LONGEST_STATEMENT < limits.LONGEST_ANSWER <= 20


@pytest.mark.usefixtures("impatient")
def test_a_statement_and_a_lock_that_take_too_long_end() -> None:
    """The page says "try again" (503), and the connection goes on working."""
    with another() as holder, another() as waiting:
        with pytest.raises(OperationalError, match="statement timeout"):
            ask(waiting, "SELECT pg_sleep(5)")
        ask(holder, "SELECT pg_advisory_lock(8)")
        with pytest.raises(OperationalError, match="lock timeout"):
            ask(waiting, "SELECT pg_advisory_lock(8)")
        assert ask(waiting, "SELECT 1") == (1,)


@pytest.mark.usefixtures("impatient")
def test_a_server_that_hangs_is_not_waited_for() -> None:
    """Its own time-outs hang with it. The connection is given up, and the next request opens another."""
    with another() as connection:
        server = ask(connection, "SELECT pg_backend_pid()")[0]
        os.kill(server, signal.SIGSTOP)
        try:
            began = time.monotonic()
            with pytest.raises(OperationalError):
                ask(connection, "SELECT 1")
            assert time.monotonic() - began < 5
            assert not connection.is_usable()
        finally:
            os.kill(server, signal.SIGCONT)
        connection.close_if_unusable_or_obsolete()
        assert connection.connection is None
