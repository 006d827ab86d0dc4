"""What the doctor finds wrong with work that nobody sees: workers, mails, the daily work, seals, roles, sessions."""

from __future__ import annotations

import datetime
import uuid
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from accounts.models import CareIdentity, OutboxMessage, Session, WorkerHeartbeat
from accounts.models.last_run import Job
from accounts.models.outbox import Kind
from accounts.models.security_event import Event
from accounts.pulse import Pulse
from accounts.services import event_seals, events, heartbeats, last_runs, outbox
from helpdesk.doctor.checks import (
    daily_work,
    events_verified,
    mails,
    people_with_roles,
    refused_mails,
    sessions,
    workers,
)
from helpdesk.doctor.findings import Severity
from tests.support.factories import make_user
from tests.support.helpdesk import make_agent, make_operator
from tests.unit.doctor.test_database import wrong

if TYPE_CHECKING:
    from accounts.models import User
    from tests.support.travel import Travel

pytestmark = pytest.mark.django_db


def test_without_a_worker_no_mail_goes_out() -> None:
    ((severity, what),) = wrong(workers.check)
    assert (severity, what) == (
        Severity.FAILURE,
        "No worker has been seen at work: no mail goes out, no request is decided.",
    )


def test_a_worker_that_was_killed_is_missed(travel: Travel) -> None:
    Pulse().do_what_is_due()
    assert wrong(workers.check) == []
    travel(minutes=10)
    ((severity, what),) = wrong(workers.check)
    assert severity is Severity.FAILURE
    assert "for 10 minutes" in what


def test_one_worker_of_two_that_was_killed_is_a_warning(travel: Travel) -> None:
    Pulse().do_what_is_due()
    travel(minutes=10)
    Pulse().do_what_is_due()
    ((severity, what),) = wrong(workers.check)
    assert severity is Severity.WARNING
    assert what.endswith("was last seen 10 minutes ago.")


def test_a_part_of_a_worker_that_hangs_is_named(travel: Travel) -> None:
    pulse = Pulse()
    pulse.part("reading what comes back")
    travel(minutes=10)
    pulse.do_what_is_due()
    ((severity, what),) = wrong(workers.check)
    assert severity is Severity.FAILURE
    assert what.endswith("has not come round for 10 minutes: reading what comes back.")


def test_a_worker_of_an_older_version_is_named() -> None:
    Pulse().do_what_is_due()
    WorkerHeartbeat.objects.update(version="0.0.1")
    ((severity, what),) = wrong(workers.check)
    assert severity is Severity.WARNING
    assert "of version 0.0.1" in what


def test_a_worker_whose_clock_is_ahead_is_named() -> None:
    heartbeats.beat(worker=uuid.uuid4(), began_at=timezone.now())
    WorkerHeartbeat.objects.update(seen_at=timezone.now() + datetime.timedelta(hours=1))
    assert any("is ahead" in what for _, what in wrong(workers.check))


def test_a_single_mail_that_is_late_is_a_failure_to_the_doctor(travel: Travel) -> None:
    outbox.add(kind=Kind.RECOVERY, about={"users": [1]})
    assert wrong(mails.check) == []
    travel(minutes=20)
    ((severity, what),) = wrong(mails.check)
    assert (severity, what) == (Severity.FAILURE, "The oldest mail has waited for 20 minutes.")


def add_mails(number: int, **facts: object) -> None:
    for _ in range(number):
        row = outbox.add(kind=Kind.RECOVERY, about={"users": [1]})
        OutboxMessage.objects.filter(pk=row.pk).update(**facts)


def test_a_mail_server_that_refuses_most_is_found_and_a_closed_mailbox_is_not() -> None:
    add_mails(3, last_error="SMTPRecipientsRefused 550")
    assert wrong(refused_mails.check) == []
    add_mails(10, last_error="SMTPRecipientsRefused 550")
    ((severity, what),) = wrong(refused_mails.check)
    assert severity is Severity.FAILURE
    assert what.startswith("The mail server refuses most mails: 13 of a day, and it took 0")


def test_mails_of_which_most_come_back_are_found() -> None:
    add_mails(12, sent_at=timezone.now(), bounced_at=timezone.now())
    ((severity, _),) = wrong(refused_mails.check)
    assert severity is Severity.WARNING


def test_a_daily_work_that_was_never_run_is_late_or_failed_is_found(travel: Travel) -> None:
    assert wrong(daily_work.check)[0][1].startswith("manage.py tidy_up was never run")
    last_runs.note(job=Job.TIDY_UP, went_well=True)
    assert wrong(daily_work.check) == []
    travel(minutes=1)
    last_runs.note(job=Job.TIDY_UP, went_well=False)
    assert wrong(daily_work.check) == [
        (Severity.WARNING, "A part of manage.py tidy_up failed when it was last run."),
    ]
    travel(hours=31)
    assert wrong(daily_work.check)[0][0] is Severity.WARNING
    travel(days=8)
    assert wrong(daily_work.check)[0][0] is Severity.FAILURE


def test_days_that_are_not_sealed_and_events_that_were_never_compared_are_found(travel: Travel) -> None:
    events.record(event=Event.UNLOCKED, user_id=1)
    assert wrong(events_verified.check) == []
    assert [each.what for each in events_verified.check()] == ["No day of security events is to be sealed yet."]
    travel(days=5)
    ((severity, what),) = wrong(events_verified.check)
    assert severity is Severity.FAILURE
    assert what.startswith("No day of security events has been sealed since")
    event_seals.seal_closed_days()
    assert wrong(events_verified.check) == [
        (Severity.ADVICE, "Security events have never been compared with their seals."),
    ]
    last_runs.note(job=Job.VERIFY_EVENTS, went_well=True)
    assert wrong(events_verified.check) == []
    travel(hours=1)
    last_runs.note(job=Job.VERIFY_EVENTS, went_well=False)
    assert wrong(events_verified.check)[0][0] is Severity.FAILURE


def at_work_lately(user: User) -> User:
    """Have a person logged in just now, with a Care Identity."""
    CareIdentity.objects.create(user=user, uid=f"{user.pk:012}")
    events.record(event=Event.LOGGED_IN, user_id=user.pk)
    return user


def test_admins_who_have_a_second_step_and_were_in_lately_are_good() -> None:
    for _ in range(2):
        at_work_lately(make_operator())
    make_user()
    assert wrong(people_with_roles.check) == []


def test_one_operator_alone_or_none_is_found() -> None:
    assert wrong(people_with_roles.check) == [(Severity.FAILURE, "No national administrator is in force.")]
    at_work_lately(make_operator())
    assert wrong(people_with_roles.check) == [(Severity.WARNING, "One national administrator alone is in force.")]


def test_agents_without_a_second_step_or_unused_for_long_are_counted_and_not_named(travel: Travel) -> None:
    agent = make_agent()
    travel(days=100)
    for _ in range(2):
        at_work_lately(make_operator())
    (without, unused) = wrong(people_with_roles.check)
    assert "who have no second step yet: 1." in without[1]
    assert unused[1] == "People with a role who have not logged in for 90 days: 1."
    assert agent.username not in f"{without}{unused}"


def test_sessions_that_are_over_and_still_kept_are_found(travel: Travel) -> None:
    Session.objects.create(session_key="a", session_data="", expire_date=timezone.now())
    assert wrong(sessions.check) == []
    travel(days=3)
    assert wrong(sessions.check)[0][0] is Severity.WARNING
