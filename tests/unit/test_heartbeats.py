"""That a worker is at work can be seen from elsewhere, and that one is not, however it ended."""

from __future__ import annotations

import datetime
import io
import threading
import uuid
from typing import TYPE_CHECKING

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.utils import timezone

from accounts import tidying
from accounts.jobs import DECIDING, Worker
from accounts.management.commands import work
from accounts.models import LastRun, WorkerHeartbeat
from accounts.models.last_run import Job
from accounts.models.outbox import Kind
from accounts.pulse import Pulse
from accounts.services import heartbeats, last_runs, mail_age, outbox

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries

    from tests.support.travel import Travel

pytestmark = pytest.mark.django_db


def beat_at(moment: datetime.datetime) -> WorkerHeartbeat:
    worker = uuid.uuid4()
    heartbeats.beat(worker=worker, began_at=moment)
    WorkerHeartbeat.objects.filter(pk=worker).update(seen_at=moment)
    return WorkerHeartbeat.objects.get(pk=worker)


def test_the_newest_of_several_workers_counts() -> None:
    now = timezone.now()
    for seconds in (300, 10, 60):
        beat_at(now - datetime.timedelta(seconds=seconds))
    assert heartbeats.newest() == now - datetime.timedelta(seconds=10)


def test_without_a_worker_there_is_no_newest() -> None:
    assert heartbeats.newest() is None


def test_a_worker_whose_clock_is_ahead_does_not_hide_that_all_have_died() -> None:
    beat_at(timezone.now() + datetime.timedelta(hours=1))
    assert heartbeats.newest() is None


def test_a_worker_beats_now_and_then_and_not_at_each_look(travel: Travel) -> None:
    pulse = Pulse()
    pulse.do_what_is_due()
    first = WorkerHeartbeat.objects.get().seen_at
    pulse.do_what_is_due()
    assert WorkerHeartbeat.objects.get().seen_at == first
    travel(seconds=16)
    pulse.do_what_is_due()
    assert WorkerHeartbeat.objects.get().seen_at > first


def test_a_worker_among_very_many_mails_goes_on_beating() -> None:
    """It comes round once a mail, and not only when nothing is left."""
    for number in range(3):
        outbox.add(kind=Kind.RECOVERY, about={"users": [number]})
    rounds: list[int] = []
    assert Worker(came_round=lambda: rounds.append(1)).do_what_is_due() == 3
    assert len(rounds) >= 3


def test_a_part_that_hangs_shows_by_its_age_while_the_main_loop_beats(travel: Travel) -> None:
    pulse = Pulse()
    pulse.part("hangs")
    lives = pulse.part("lives")
    travel(minutes=10)
    lives()
    pulse.do_what_is_due()
    row = WorkerHeartbeat.objects.get()
    ages = {name: row.seen_at - datetime.datetime.fromisoformat(moment) for name, moment in row.parts.items()}
    assert ages["lives"] < heartbeats.PART_LATE_AFTER < ages["hangs"]


def test_a_part_that_fails_at_each_look_did_not_come_round(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "BETWEEN_LOOKS_WITHOUT_DATABASE", 0.0)
    ended, tries, rounds = threading.Event(), [], []

    class Failing:
        def do_what_is_due(self) -> None:
            tries.append(1)
            if len(tries) == 3:
                ended.set()
            raise ValueError if len(tries) % 2 else OperationalError

    thread = work._beside(Failing(), ended=ended, name="failing", came_round=lambda: rounds.append(1))
    thread.start()
    thread.join(timeout=30)
    assert (len(tries), rounds) == (3, [])


def test_a_worker_that_stops_as_asked_leaves_nothing_and_a_killed_one_its_row(travel: Travel) -> None:
    stopped, killed = Pulse(), Pulse()
    stopped.do_what_is_due()
    killed.do_what_is_due()
    stopped.end()
    assert WorkerHeartbeat.objects.count() == 1
    assert tidying.TIDYING["workers that were not seen for a day"]() == 0
    travel(days=1, seconds=1)
    assert tidying.TIDYING["workers that were not seen for a day"]() == 1


def test_a_worker_that_hung_for_longer_than_its_row_is_kept_comes_back(travel: Travel) -> None:
    pulse = Pulse()
    pulse.do_what_is_due()
    travel(days=2)
    heartbeats.delete_old()
    pulse.do_what_is_due()
    assert WorkerHeartbeat.objects.count() == 1


def test_what_a_wrong_clock_put_days_ahead_is_deleted_too() -> None:
    beat_at(timezone.now() + datetime.timedelta(days=2))
    assert heartbeats.delete_old() == 1


def test_no_mail_that_waits_has_no_age() -> None:
    assert mail_age.oldest_due() is None


def test_a_mail_waits_from_its_turn_on(travel: Travel) -> None:
    outbox.add_many(kind=Kind.WELCOME, about=[{"users": [1]}])
    assert mail_age.oldest_due() is None
    travel(minutes=90)
    age = timezone.now() - (mail_age.oldest_due() or timezone.now())
    assert datetime.timedelta(minutes=29) < age < datetime.timedelta(minutes=31)


def test_a_mail_that_fails_has_the_age_it_was_asked_for_at_however_often_it_is_put_off(
    travel: Travel,
) -> None:
    message = outbox.add(kind=Kind.RECOVERY, about={"users": [1]})
    travel(minutes=20)
    claimed = outbox.claim(kinds={Kind.RECOVERY})
    assert claimed is not None
    outbox.fail(message=claimed, error="Unreachable: ConnectionRefusedError ECONNREFUSED")
    assert mail_age.oldest_due() == message.created_at


def test_a_form_that_cannot_be_decided_has_the_age_it_was_sent_at_until_it_is_put_off_on_purpose(
    travel: Travel,
) -> None:
    message = outbox.add(kind=Kind.DECIDE_RECOVERY, about={"request": 1})
    for _ in range(3):
        travel(minutes=20)
        claimed = outbox.claim(kinds=DECIDING)
        assert claimed is not None
        outbox.fail(message=claimed, error="IntegrityError")
        assert mail_age.oldest_due() == message.created_at
    travel(minutes=20)
    claimed = outbox.claim(kinds=DECIDING)
    assert claimed is not None
    outbox.postpone(message=claimed, until=timezone.now() + datetime.timedelta(hours=1))
    assert mail_age.oldest_due() is None


def test_a_closed_mailbox_makes_no_monitor_ring(travel: Travel) -> None:
    outbox.add(kind=Kind.RECOVERY, about={"users": [1]})
    claimed = outbox.claim(kinds={Kind.RECOVERY})
    assert claimed is not None
    outbox.fail(message=claimed, error="SMTPRecipientsRefused 550", failure=outbox.Failure.REFUSED_FOR_GOOD)
    travel(days=3)
    assert mail_age.oldest_due() is None


def test_what_is_put_off_on_purpose_waits_for_nobody(travel: Travel) -> None:
    """Requests after wrong dates of birth are decided an hour apart."""
    message = outbox.add(kind=Kind.DECIDE_RECOVERY, about={"request": 1})
    outbox.postpone(message=message, until=timezone.now() + datetime.timedelta(hours=1))
    travel(minutes=59)
    assert mail_age.oldest_due() is None
    travel(minutes=59)
    assert mail_age.oldest_due() is not None


def test_the_daily_work_notes_that_it_was_run_and_whether_it_went_well(
    monkeypatch: pytest.MonkeyPatch, travel: Travel
) -> None:
    assert last_runs.of(job=Job.TIDY_UP) is None
    call_command("tidy_up", stdout=io.StringIO())
    well = LastRun.objects.get()
    assert well.went_well_at == well.ended_at

    def fail() -> int:
        raise ValueError

    monkeypatch.setitem(tidying.TIDYING, "what fails", fail)
    travel(days=1)
    with pytest.raises(CommandError):
        call_command("tidy_up", stdout=io.StringIO())
    failed = LastRun.objects.get()
    assert failed.went_well_at == well.went_well_at
    assert failed.ended_at > well.ended_at


def test_verifying_all_events_is_noted_and_a_month_of_them_is_not() -> None:
    call_command("verify_events", month=datetime.date(2026, 10, 1), stdout=io.StringIO())
    assert last_runs.of(job=Job.VERIFY_EVENTS) is None
    call_command("verify_events", stdout=io.StringIO())
    assert last_runs.of(job=Job.VERIFY_EVENTS) is not None


def test_a_beat_costs_one_statement(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    worker, began_at = uuid.uuid4(), timezone.now()
    heartbeats.beat(worker=worker, began_at=began_at)
    with django_assert_num_queries(1):
        heartbeats.beat(worker=worker, began_at=began_at)
