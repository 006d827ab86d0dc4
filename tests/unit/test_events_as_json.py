"""Security events as JSON lines, for a system that watches (a SIEM)."""

from __future__ import annotations

import datetime
import io
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, ProgrammingError, connection

from accounts.management.commands import events_as_json
from accounts.models import SecurityEvent
from accounts.models.security_event import Event
from accounts.services import events, shipping_events
from tests.support.factories import make_user
from tests.support.portal import wait_until

pytestmark = pytest.mark.django_db


def handed_out(**options: object) -> tuple[list[dict[str, object]], str]:
    """Return what is handed out, and what is said beside it."""
    out, said = io.StringIO(), io.StringIO()
    call_command("events_as_json", stdout=out, stderr=said, **options)
    return [json.loads(line) for line in out.getvalue().splitlines()], said.getvalue()


def test_a_line_has_what_an_event_holds_but_never_the_note() -> None:
    user, agent = make_user(), make_user()
    at = datetime.datetime(2026, 10, 5, 7, 8, 9, 10, tzinfo=datetime.UTC)
    facts = {"address": "2001:db8::1", "device": "Chrome on Windows", "reason": "asked", "reference": "7K3M-9QXT"}
    event = SecurityEvent.objects.create(
        event=Event.UNLOCKED, at=at, user=user, by=agent, note="Jo called from ward 4", **facts
    )
    lines, said = handed_out()
    who = {"user": user.pk, "by": agent.pk}
    assert lines == [{"id": event.pk, "time": "2026-10-05T07:08:09.000010Z", "event": "unlocked", **who, **facts}]
    assert said == f"cursor: {event.pk}\n"


def test_what_is_not_known_is_null_or_empty_and_the_names_are_always_there() -> None:
    events.record(event=Event.LOG_IN_FAILED, user_id=None)
    ((line,), _) = handed_out()
    assert list(line) == ["id", "time", "event", "user", "by", "address", "device", "reason", "reference"]
    assert [line[name] for name in ("user", "by", "address", "device")] == [None, None, None, ""]


def test_the_events_after_a_cursor_come_in_the_order_of_their_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shipping_events, "BATCH", 2)
    made = [events.record(event=Event.LOGGED_IN, user_id=None).pk for _ in range(7)]
    lines, said = handed_out(after=made[1])
    assert [line["id"] for line in lines] == made[2:]
    assert said == f"cursor: {made[-1]}\n"
    assert handed_out(after=made[-1])[0] == []


def test_a_cursor_file_is_begun_with_after_and_goes_on_by_itself(tmp_path: Path) -> None:
    made = [events.record(event=Event.LOGGED_IN, user_id=None).pk for _ in range(3)]
    lines, said = handed_out(after=made[0], cursor_file=tmp_path / "cursor")
    assert ([line["id"] for line in lines], said) == (made[1:], "")
    assert (tmp_path / "cursor").read_text() == f"{made[-1]}\n"
    with pytest.raises(CommandError, match="not both"):
        handed_out(after=made[0], cursor_file=tmp_path / "cursor")
    assert handed_out(cursor_file=tmp_path / "cursor")[0] == []


def test_no_other_user_of_the_machine_moves_the_cursor_or_holds_the_lock(tmp_path: Path) -> None:
    """Threat: a process of another user hides events from the system that watches, or keeps all from it."""
    events.record(event=Event.LOGGED_IN, user_id=None)
    before = os.umask(0)
    try:
        handed_out(cursor_file=tmp_path / "cursor")
    finally:
        os.umask(before)
    assert {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {
        "cursor": 0o600,
        "cursor.lock": 0o600,
    }


def test_a_cursor_file_that_cannot_be_used_is_said(tmp_path: Path) -> None:
    (tmp_path / "cursor").write_text("seven\n")
    with pytest.raises(CommandError, match="There is no cursor"):
        handed_out(cursor_file=tmp_path / "cursor")
    with pytest.raises(CommandError, match="cannot be written to"):
        handed_out(cursor_file=tmp_path / "none" / "cursor")


def test_old_events_that_were_deleted_make_no_cursor_unknown() -> None:
    made = events.record(event=Event.LOG_IN_FAILED, user_id=None).pk
    at = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    newest = SecurityEvent.objects.create(event=Event.LOG_IN_FAILED, at=at)
    SecurityEvent.objects.filter(pk=newest.pk).delete_old()
    assert newest.pk > made
    assert handed_out(after=newest.pk)[0] == []


@pytest.mark.django_db(transaction=True)
def test_it_follows_until_it_is_stopped(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(events_as_json, "BETWEEN_LOOKS", 0.05)
    before = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]
    out, made = io.StringIO(), [events.record(event=Event.LOGGED_IN, user_id=None).pk]

    def goes_on() -> None:
        wait_until(lambda: out.getvalue().count("\n") == 1)
        made.append(events.record(event=Event.LOGGED_IN, user_id=None).pk)
        wait_until(lambda: out.getvalue().count("\n") == 2)
        connection.close()
        os.kill(os.getpid(), signal.SIGTERM)

    thread = threading.Thread(target=goes_on)
    thread.start()
    try:
        call_command("events_as_json", follow=True, cursor_file=tmp_path / "cursor", stdout=out)
    finally:
        thread.join()
        for number, handler in zip((signal.SIGTERM, signal.SIGINT), before, strict=True):
            signal.signal(number, handler)
    assert [json.loads(line)["id"] for line in out.getvalue().splitlines()] == made
    assert (tmp_path / "cursor").read_text() == f"{made[-1]}\n"


class _Refusing:
    """A database that refuses what it is asked, until it has been asked `times` times."""

    def __init__(self, times: int, error: Exception) -> None:
        self.left, self._error = times, error

    def __call__(self, execute: Callable[..., object], *args: object) -> object:
        if self.left:
            self.left -= 1
            raise self._error
        return execute(*args)


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_away_is_said_once_and_again_after_it_was_back(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    monkeypatch.setattr(events_as_json, "BETWEEN_LOOKS", 0.01)
    before = signal.getsignal(signal.SIGTERM)
    events.record(event=Event.LOGGED_IN, user_id=None)
    out, refusing = io.StringIO(), _Refusing(5, OperationalError("no pg_hba.conf entry for 192.0.2.1"))

    def goes_away_again() -> None:
        # The second comes in another look than the first: one look at least has ended well by then.
        wait_until(lambda: out.getvalue().count("\n") == 1)
        events.record(event=Event.LOGGED_IN, user_id=None)
        wait_until(lambda: out.getvalue().count("\n") == 2)
        connection.close()
        refusing.left = 5
        wait_until(lambda: not refusing.left)
        os.kill(os.getpid(), signal.SIGTERM)

    thread = threading.Thread(target=goes_away_again)
    thread.start()
    try:
        with connection.execute_wrapper(refusing):
            call_command("events_as_json", follow=True, cursor_file=tmp_path / "cursor", stdout=out)
    finally:
        thread.join()
        signal.signal(signal.SIGTERM, before)
    said = [record for record in caplog.records if record.name == "esr_portal.events"]
    assert [(record.message, record.__dict__["error"]) for record in said] == [
        ("database is away", "OperationalError"),
        ("database is away", "OperationalError"),
    ]
    assert "pg_hba" not in repr([record.__dict__ for record in said])


def test_a_fault_of_ours_is_not_taken_for_a_database_that_is_away(tmp_path: Path) -> None:
    with connection.execute_wrapper(_Refusing(1, ProgrammingError("no such column"))), pytest.raises(ProgrammingError):
        call_command("events_as_json", follow=True, cursor_file=tmp_path / "cursor", stdout=io.StringIO())


@pytest.mark.django_db(transaction=True)
def test_a_reader_that_goes_away_leaves_the_cursor_where_it_was(tmp_path: Path) -> None:
    events.record(event=Event.LOGGED_IN, user_id=None)
    root = Path(__file__).resolve().parents[2]
    code = (
        "import django; django.setup();"
        "from django.core.management import call_command;"
        f"call_command('events_as_json', '--cursor-file={tmp_path / 'cursor'}')"
    )
    name = str(connection.settings_dict["NAME"])
    address = f"sqlite:///{name}" if connection.vendor == "sqlite" else _address_of(name)
    reading, writing = os.pipe()
    os.close(reading)
    ended = subprocess.run(
        [sys.executable, "-c", code],
        cwd=root,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "esr_portal.settings", "DATABASE_URL": address},
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writing)
    assert "Standard output was closed" in ended.stderr
    assert not (tmp_path / "cursor").exists()


def _address_of(name: str) -> str:
    parts = urlsplit(os.environ["DATABASE_URL"])
    return urlunsplit((*parts[:2], f"/{name}", *parts[3:]))
