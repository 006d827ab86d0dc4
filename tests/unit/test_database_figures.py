"""A scrape answers whatever the database does, and no later than it may."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import OperationalError, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from accounts.services import standing_figures
from esr_portal import database_figures
from esr_portal.database_figures import LEFT_OUT, UP, DatabaseFigures
from tests.support.database import is_sqlite

pytestmark = pytest.mark.django_db(transaction=True)


def scrape(figures: DatabaseFigures) -> dict[str, float]:
    """Return the first value of each figure."""
    return {family.name: family.samples[0].value for family in figures.collect() if family.samples}


@contextmanager
def a_hanging_database(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Let reading the outbox wait inside of the block."""
    goes_on = threading.Event()
    monkeypatch.setattr(standing_figures, "outbox", lambda: goes_on.wait(60) and {})
    try:
        yield goes_on
    finally:
        goes_on.set()


def test_all_figures_are_read_and_the_connection_is_given_back() -> None:
    found = scrape(DatabaseFigures())
    assert (found[UP], found[LEFT_OUT]) == (1, 0)
    assert found["esr_sessions"] == found["esr_workers"] == found["esr_oldest_mail_seconds"] == 0


@pytest.mark.skipif(is_sqlite(), reason="SQLite has no such limit")
def test_the_limit_of_a_scrape_ends_with_it() -> None:
    """Threat: behind a pooler a page has the connection next, and is cut off after a second."""
    before = statement_timeout()
    with database_figures.limited():
        assert statement_timeout() == "1s" != before
    assert statement_timeout() == before
    with pytest.raises(OperationalError), database_figures.limited(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(10)")
    assert statement_timeout() == before


def statement_timeout() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        return str(cursor.fetchone()[0])


def test_where_the_database_is_away_the_scrape_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(self: Any) -> None:
        raise OperationalError("could not connect to server: password hunter2")

    monkeypatch.setattr(BaseDatabaseWrapper, "connect", away)
    connections.close_all()
    found = scrape(DatabaseFigures())
    assert found == {UP: 0, LEFT_OUT: len(database_figures.READ)}


def test_where_it_hangs_the_scrape_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_figures, "SECONDS", 0.1)
    figures = DatabaseFigures()
    with a_hanging_database(monkeypatch) as goes_on:
        assert scrape(figures) == {UP: 0, LEFT_OUT: len(database_figures.READ)}
        threads = threading.active_count()
        assert scrape(figures)[UP] == 0
        assert threading.active_count() == threads, "no second one hangs beside it"
        monkeypatch.setattr(database_figures, "SECONDS", 60)
        goes_on.set()
        assert scrape(figures)[UP] == 1


def test_one_figure_that_cannot_be_read_leaves_the_others(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def too_slow() -> int:
        raise OperationalError("canceling statement due to statement timeout: hunter2")

    monkeypatch.setattr(standing_figures, "sessions", too_slow)
    found = scrape(DatabaseFigures())
    assert (found[UP], found[LEFT_OUT]) == (1, 1)
    assert "esr_sessions" not in found
    assert "a figure was left out" in caplog.text
    assert "hunter2" not in caplog.text
