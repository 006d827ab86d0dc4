"""A clock that is wrong is said, before admins ask why no code of theirs is right."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from accounts import clocks
from tests.support.steps import PortalClient

pytestmark = pytest.mark.django_db


class _Answer:
    """A cursor of a PostgreSQL whose clock is `ahead` of ours."""

    def __init__(self, ahead: datetime.timedelta) -> None:
        self._ahead = ahead

    def __enter__(self) -> _Answer:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def execute(self, sql: str) -> None:
        assert sql == "SELECT clock_timestamp()"

    def fetchone(self) -> tuple[datetime.datetime]:
        return (timezone.now() + self._ahead,)


@pytest.fixture
def database_ahead(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return a function that puts the database's clock ahead by a timedelta."""

    def put(**delta: float) -> None:
        class _Connection:
            vendor = "postgresql"

            def cursor(self) -> _Answer:
                return _Answer(datetime.timedelta(**delta))

        monkeypatch.setattr(clocks, "connection", _Connection())

    return put


def test_the_clocks_of_this_machine_and_its_database_agree() -> None:
    assert clocks.disagreement() == ""


@pytest.mark.parametrize("minutes", [-5, 5, 60 * 24])
def test_ready_says_what_both_clocks_say(
    client: PortalClient, database_ahead: Callable[..., None], caplog: pytest.LogCaptureFixture, minutes: int
) -> None:
    database_ahead(minutes=minutes)
    answer = client.get("/health/ready")
    assert answer.status_code == 503
    line = answer.content.decode()
    assert line.count("\n") == 1
    now = timezone.now()
    for at in (now, now + datetime.timedelta(minutes=minutes)):
        assert f"{at:%Y-%m-%d %H:}" in line
    clocks.log_disagreement()
    (said,) = (record for record in caplog.records if record.name == "esr_portal.clock")
    assert said.levelname == "ERROR"
    assert said.getMessage().partition(" and ")[0].rpartition(":")[0] in line


@pytest.mark.parametrize("seconds", [-29, 0, 29])
def test_a_few_seconds_are_nothing(
    client: PortalClient, database_ahead: Callable[..., None], caplog: pytest.LogCaptureFixture, seconds: int
) -> None:
    database_ahead(seconds=seconds)
    assert client.get("/health/ready").content == b"ready\n"
    clocks.log_disagreement()
    assert not caplog.records


def test_our_own_clock_put_ahead_is_told_from_postgresqls(client: PortalClient, travel: Any) -> None:
    travel(minutes=5)
    apart = connection.vendor == "postgresql"
    assert client.get("/health/ready").status_code == (503 if apart else 200)


def test_without_a_database_starting_says_nothing_of_clocks(
    database_ahead: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    database_ahead(minutes=5)

    def away(*_: object) -> None:
        raise OperationalError("could not connect to server")

    monkeypatch.setattr(_Answer, "execute", away)
    clocks.log_disagreement()
