"""Threat: an event is never handed out to the system that watches, because it was committed at an unlucky moment."""

from __future__ import annotations

import contextlib
import datetime
import functools
import io
import json
import threading
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from accounts import many_rows, settled_events
from accounts.models import SecurityEvent
from accounts.models.security_event import Event
from accounts.services import event_seals, events, shipping_events
from tests.support.database import is_sqlite
from tests.support.factories import make_user
from tests.support.sealing_events import add
from tests.support.threads import all_at_once

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.travel import Travel

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]

SOON = datetime.timedelta(seconds=0.2)
LONG = datetime.timedelta(seconds=30)
one_writer = pytest.mark.skipif(is_sqlite(), reason="On SQLite writers come one after another")


def handed_out(cursor_file: Path) -> list[int]:
    """Return the ids that one run hands out."""
    out = io.StringIO()
    call_command("events_as_json", cursor_file=cursor_file, stdout=out)
    return [json.loads(line)["id"] for line in out.getvalue().splitlines()]


@contextlib.contextmanager
def written_but_not_committed() -> Iterator[threading.Event]:
    """Write an event in a transaction of another connection, which commits when the event that is given is set."""
    written, commit = threading.Event(), threading.Event()

    def write() -> None:
        try:
            with transaction.atomic():
                events.record(event=Event.UNLOCKED, user_id=None)
                written.set()
                commit.wait(timeout=60)
        finally:
            connection.close()

    thread = threading.Thread(target=write)
    thread.start()
    written.wait(timeout=60)
    try:
        yield commit
    finally:
        commit.set()
        thread.join()


@one_writer
def test_an_event_that_is_committed_after_one_with_a_higher_key_is_handed_out(tmp_path: Path) -> None:
    with written_but_not_committed() as commit:
        later = events.record(event=Event.LOGGED_IN, user_id=None)
        assert list(shipping_events.batches(after=0, within=SOON)) == [], "what came first is not there yet"
        commit.set()
        assert len(handed_out(tmp_path / "cursor")) == 2
    assert handed_out(tmp_path / "cursor") == []
    assert SecurityEvent.objects.earliest("pk").pk < later.pk


@one_writer
def test_a_key_that_was_drawn_before_its_transaction_has_an_id_is_waited_for() -> None:
    """The snapshot's lowest running transaction does not show it: only the lock on the table does."""
    drawn, insert, settled = threading.Event(), threading.Event(), []

    def write() -> None:
        table = SecurityEvent._meta.db_table
        with transaction.atomic(), connection.cursor() as cursor:
            # What an INSERT does first.
            cursor.execute(f"LOCK TABLE {table} IN ROW EXCLUSIVE MODE")
            cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id'))", [table])
            key = cursor.fetchone()[0]
            drawn.set()
            insert.wait(timeout=60)
            SecurityEvent.objects.bulk_create([SecurityEvent(pk=key, event=Event.UNLOCKED)])
        connection.close()

    thread = threading.Thread(target=write)
    thread.start()
    drawn.wait(timeout=60)
    events.record(event=Event.LOGGED_IN, user_id=None)
    assert settled_events.newest(within=SOON) is None
    insert.set()
    settled.append(settled_events.newest(within=LONG))
    thread.join()
    assert settled == [SecurityEvent.objects.latest("pk").pk]


@one_writer
def test_keys_that_were_drawn_for_many_events_at_once_are_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are drawn in a statement of their own, before COPY writes the first of them."""
    monkeypatch.setattr(many_rows, "FEW", 0)
    drawn, write_on = threading.Event(), threading.Event()

    def stop_once_drawn(execute: Any, sql: str, *arguments: Any) -> Any:
        result = execute(sql, *arguments)
        if "nextval" in sql:
            drawn.set()
            write_on.wait(timeout=60)
        return result

    def write() -> None:
        with connection.execute_wrapper(stop_once_drawn):
            events.record_many(event=Event.PERSON_IMPORTED, about=[(1, ""), (2, "")])
        connection.close()

    thread = threading.Thread(target=write)
    thread.start()
    drawn.wait(timeout=60)
    events.record(event=Event.LOGGED_IN, user_id=None)
    assert settled_events.newest(within=SOON) is None
    write_on.set()
    thread.join()
    assert settled_events.newest(within=LONG) == SecurityEvent.objects.latest("pk").pk


@one_writer
def test_a_reader_that_goes_on_for_long_keeps_nothing_back() -> None:
    """A back-up, or a report, reads for hours."""
    read, end = threading.Event(), threading.Event()

    def read_on() -> None:
        with transaction.atomic():
            SecurityEvent.objects.count()
            read.set()
            end.wait(timeout=60)
        connection.close()

    thread = threading.Thread(target=read_on)
    thread.start()
    read.wait(timeout=60)
    event = events.record(event=Event.LOGGED_IN, user_id=None)
    assert settled_events.newest(within=SOON) == event.pk
    end.set()
    thread.join()


@one_writer
def test_a_day_is_not_sealed_while_a_transaction_may_still_bring_one_of_its_events(travel: Travel) -> None:
    """Or the next verification would name it as added."""
    with written_but_not_committed() as commit:
        events.record(event=Event.LOGGED_IN, user_id=None)
        travel(days=2)
        assert event_seals.seal_closed_days(wait=SOON) == 0
        commit.set()
        assert event_seals.seal_closed_days(wait=LONG) > 0
    call_command("verify_events", stdout=io.StringIO())
    travel.back()


def test_many_who_write_at_once_lose_nothing_and_nothing_comes_twice(tmp_path: Path) -> None:
    """Eight connections write, some in transactions that roll back; another hands out all the while."""
    out: list[int] = []
    written = threading.Event()

    def write(number: int) -> int:
        for turn in range(25):
            with contextlib.suppress(ZeroDivisionError), transaction.atomic():
                for _ in range(1 + turn % 3):
                    events.record(event=Event.LOGGED_IN, user_id=number)
                if turn % 5 == number % 5:
                    raise ZeroDivisionError
        return number

    def hand_out() -> None:
        while not written.is_set():
            out.extend(handed_out(tmp_path / "cursor"))
        connection.close()

    reader = threading.Thread(target=hand_out)
    reader.start()
    answers = all_at_once([functools.partial(write, number) for number in range(8)])
    written.set()
    reader.join()
    out.extend(handed_out(tmp_path / "cursor"))
    assert answers == list(range(8))
    assert out == list(SecurityEvent.objects.order_by("pk").values_list("pk", flat=True))


def test_two_processes_do_not_share_a_cursor_file(tmp_path: Path) -> None:
    from accounts.management.commands.events_as_json import CursorFile

    with CursorFile(tmp_path / "cursor").held(), pytest.raises(CommandError, match="Another process"):
        handed_out(tmp_path / "cursor")
    assert handed_out(tmp_path / "cursor") == []


def test_the_cursor_moves_after_the_lines_are_out_and_not_before(tmp_path: Path) -> None:
    """Threat: it ends between the two. The lines come again, with the same ids; none is lost."""
    first = events.record(event=Event.LOGGED_IN, user_id=None)
    assert handed_out(tmp_path / "cursor") == [first.pk]
    second = events.record(event=Event.LOGGED_IN, user_id=None)

    class Full(io.StringIO):
        def write(self, text: str) -> int:
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        call_command("events_as_json", cursor_file=tmp_path / "cursor", stdout=Full())
    assert handed_out(tmp_path / "cursor") == [second.pk]


def test_a_cursor_of_another_database_is_refused(tmp_path: Path) -> None:
    event = add()
    (tmp_path / "cursor").write_text(f"{event.pk + 7}\n")
    with pytest.raises(CommandError, match="No event is as new"):
        handed_out(tmp_path / "cursor")


def test_keys_that_were_lost_with_a_back_up_are_never_given_again(tmp_path: Path) -> None:
    """Threat: what comes after the restore has ids that the other system knows already, and takes for seen."""
    last = events.record(event=Event.LOGGED_IN, user_id=None).pk
    # Until here goes the back-up; the other system has a thousand more.
    (tmp_path / "cursor").write_text(f"{last + 1000}\n")
    call_command("after_restore", stdout=io.StringIO())
    (restored,) = handed_out(tmp_path / "cursor")
    assert restored > last + 1000
    assert SecurityEvent.objects.get(pk=restored).event == Event.DATABASE_RESTORED


def test_who_is_erased_again_after_a_restore_is_handed_out_too(tmp_path: Path) -> None:
    """Threat: the other system keeps people whose records it was to forget, or takes their ends for other events."""
    gone = make_user()
    last = events.record(event=Event.LOGGED_IN, user_id=None).pk
    (tmp_path / "cursor").write_text(f"{last + 1000}\n")
    line = {"at": timezone.now().isoformat(), "event": "person_erased", "user": gone.pk}
    (tmp_path / "erased").write_text(json.dumps(line) + "\n")
    call_command("after_restore", erased=tmp_path / "erased", stdout=io.StringIO())
    found = handed_out(tmp_path / "cursor")
    assert min(found) > last + 1000
    told = SecurityEvent.objects.filter(pk__in=found).order_by("pk").values_list("event", flat=True)
    assert list(told) == [Event.PERSON_ERASED, Event.DATABASE_RESTORED]
