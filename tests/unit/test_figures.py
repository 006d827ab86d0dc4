"""What a process counts for the operators' monitoring."""

from __future__ import annotations

import threading

import pytest
from prometheus_client import generate_latest

from accounts import figures, try_again, turns
from accounts.models.security_event import Event
from accounts.services import events, log_in
from accounts.turns import Busy, Turns
from tests.support.factories import PASSWORD, make_user
from tests.support.growth import Grown


@pytest.mark.django_db
def test_a_wrong_password_and_an_unknown_name_are_told_apart_for_the_operators_alone(grown: Grown) -> None:
    user = make_user()
    log_in.check_password(username=user.username, password="wrong", address="198.51.100.7")
    log_in.check_password(username="999nobody01", password="wrong", address="198.51.100.7")
    assert grown("esr_log_ins_total", way="password", outcome="wrong_password") == 1
    assert grown("esr_log_ins_total", way="password", outcome="unknown_username") == 1
    assert grown("esr_events_total", event="log_in_failed") == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("reason", "way"), [("", "password"), ("passkey", "passkey"), ("care_identity", "care_identity")]
)
def test_each_way_in_is_counted_when_the_person_is_in(grown: Grown, reason: str, way: str) -> None:
    events.record(event=Event.LOGGED_IN, user_id=make_user().pk, reason=reason)
    assert grown("esr_log_ins_total", way=way, outcome="in") == 1


@pytest.mark.django_db
def test_every_try_that_is_refused_until_the_lock_is_counted_and_so_is_the_lock(grown: Grown) -> None:
    user = make_user()
    for _ in range(12):
        log_in.check_password(username=user.username, password="wrong", address="198.51.100.7")
    assert grown("esr_events_total", event="locked") == 1
    assert grown("esr_log_ins_total", way="password", outcome="locked") == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("event", "reason", "kind", "outcome"),
    [
        (Event.SECOND_STEP_PASSED, "", "app", "passed"),
        (Event.SECOND_STEP_FAILED, "wrong_code", "app", "failed"),
        (Event.SECOND_STEP_PASSED, "passkey", "passkey", "passed"),
        (Event.SECOND_STEP_FAILED, "wrong_recovery_code", "recovery_code", "failed"),
        (Event.RECOVERY_CODE_USED, "", "recovery_code", "passed"),
        (Event.SECOND_STEP_FAILED, "too_many_wrong_codes", "other", "failed"),
    ],
)
def test_second_steps_are_counted_by_kind(grown: Grown, event: Event, reason: str, kind: str, outcome: str) -> None:
    events.record(event=event, user_id=make_user().pk, reason=reason)
    assert grown("esr_second_steps_total", kind=kind, outcome=outcome) == 1


@pytest.mark.django_db
def test_events_beyond_the_hundred_of_a_day_that_are_stored_are_counted_all_the_same(grown: Grown) -> None:
    user = make_user()
    for _ in range(events.FAILURES_A_DAY + 3):
        events.record_failure(event=Event.SECOND_STEP_FAILED, user_id=user.pk, reason="passkey")
    assert grown("esr_second_steps_total", kind="passkey", outcome="failed") == events.FAILURES_A_DAY + 3


@pytest.mark.django_db
def test_many_events_at_once_are_counted_each(grown: Grown) -> None:
    about = [(make_user().pk, "after_outage"), (make_user().pk, "after_outage")]
    events.record_many(event=Event.UNLOCKED, about=about)
    assert grown("esr_events_total", event="unlocked") == 2


def test_each_kind_that_is_written_down_here_is_one_of_the_portals() -> None:
    """An event that is renamed would be counted no more, unseen."""
    kinds = {kind for kind, _ in figures._SECOND_STEPS}
    assert kinds <= set(Event.values)
    assert {"logged_in", "log_in_failed", "care_identity_refused", "log_in_refused", "locked"} <= set(Event.values)
    assert {"recovery_requested", "recovery_link_used"} <= set(Event.values)


def test_a_reason_that_is_not_written_down_makes_no_series(grown: Grown) -> None:
    """Threat: series without end, or a series that says what somebody typed."""
    figures.count_event("log_in_failed", reason="jo.smith@example.nhs.uk")
    figures.count_event("logged_in", reason="jo.smith@example.nhs.uk")
    figures.count_event("second_step_failed", reason="jo.smith@example.nhs.uk")
    assert b"smith" not in generate_latest(figures.REGISTRY)
    assert grown("esr_log_ins_total", way="password", outcome="other") == 1


def test_a_hash_and_the_wait_for_it_are_timed(grown: Grown) -> None:
    with turns.wait():
        assert turns.compute(id)
    assert grown("esr_hash_seconds_count") == grown("esr_hash_wait_seconds_count") == 1


def test_who_waits_for_a_hash_is_counted_while_they_wait_and_how_long_when_they_are_sent_away(grown: Grown) -> None:
    mine = Turns(at_once=1, seconds=0.3)
    waiting: list[float] = []

    def wait() -> None:
        with pytest.raises(Busy):
            mine.enter()

    with mine.take():
        other = threading.Thread(target=wait)
        other.start()
        while other.is_alive():
            waiting.append(grown("esr_hash_queue"))
        other.join()
    assert max(waiting) == 1
    assert grown("esr_hash_queue") == 0
    assert grown("esr_hash_wait_seconds_bucket", le="0.25") == 1, "the first alone"
    assert grown("esr_hash_wait_seconds_count") == 2


def test_what_is_sent_away_is_counted(grown: Grown) -> None:
    try_again.count("/log-in/")
    assert grown("esr_turned_away_total") == 1


@pytest.mark.django_db
def test_a_right_password_alone_is_no_log_in_yet(grown: Grown) -> None:
    user = make_user()
    assert log_in.check_password(username=user.username, password=PASSWORD, address=None).user == user
    assert grown("esr_log_ins_total", way="password", outcome="in") == 0
