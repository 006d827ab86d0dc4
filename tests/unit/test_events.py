"""Writing down what happened."""

from __future__ import annotations

import json
import logging

import pytest

from accounts.models import SecurityEvent
from accounts.models.security_event import Event
from accounts.services import events
from esr_portal.logs import JSONFormatter
from tests.support.factories import make_user

pytestmark = pytest.mark.django_db

SOMEWHERE = events.Origin(address="192.0.2.7", user_agent="Mozilla/5.0 (Windows NT 10.0) Chrome/142.0 Safari/537.36")


def test_an_event_says_who_whom_what_when_from_where_and_why() -> None:
    user, agent = make_user(), make_user(is_staff=True)
    with events.coming_from(SOMEWHERE):
        events.record(event=Event.UNLOCKED, user_id=user.pk, by=agent, reason="asked", reference="ABCD-EFGH")
    row = SecurityEvent.objects.get()
    assert (row.event, row.user, row.by) == (Event.UNLOCKED, user, agent)
    assert (row.address, row.device) == ("192.0.2.7", "Chrome on Windows")
    assert (row.reason, row.reference) == ("asked", "ABCD-EFGH")


def test_where_from_holds_for_its_block_alone() -> None:
    with (
        events.coming_from(SOMEWHERE),
        pytest.raises(ZeroDivisionError),
        events.coming_from(events.Origin("192.0.2.8")),
    ):
        raise ZeroDivisionError
    row = events.record(event=Event.LOG_IN_FAILED, user_id=None)
    assert (row.address, row.device) == (None, "")


def test_an_unknown_username_is_nobody() -> None:
    assert events.record(event=Event.LOG_IN_FAILED, user_id=None).user is None


def test_the_log_line_carries_the_id_of_the_user_and_nothing_personal(caplog: pytest.LogCaptureFixture) -> None:
    user = make_user()
    with caplog.at_level(logging.INFO, logger="esr_portal.security"), events.coming_from(SOMEWHERE):
        events.record(event=Event.LOG_IN_FAILED, user_id=user.pk, reason="wrong_password")
    line = json.loads(JSONFormatter().format(caplog.records[-1]))
    assert line.pop("at")
    assert line == {
        "level": "INFO",
        "logger": "esr_portal.security",
        "message": "log_in_failed",
        "event": "log_in_failed",
        "user": user.pk,
        "by": None,
        "reason": "wrong_password",
        "reference": "",
        "address": "192.0.2.7",
    }


def test_an_event_outlives_the_person_it_names() -> None:
    user = make_user()
    events.record(event=Event.LOGGED_IN, user_id=user.pk)
    pk = user.pk
    user.delete()
    assert SecurityEvent.objects.get().user_id == pk


def test_many_events_are_recorded_in_few_statements_and_one_log_line(caplog: pytest.LogCaptureFixture) -> None:
    agent, people = make_user(is_staff=True), [make_user() for _ in range(3)]
    with caplog.at_level(logging.INFO, logger="esr_portal.security"), events.coming_from(SOMEWHERE):
        events.record_many(event=Event.PERSON_CHANGED, about=[(user.pk, "email") for user in people], by=agent)
    rows = SecurityEvent.objects.order_by("pk")
    assert [(row.user, row.by, row.reason, row.address) for row in rows] == [
        (user, agent, "email", "192.0.2.7") for user in people
    ]
    (line,) = caplog.records
    assert (line.getMessage(), getattr(line, "count", None)) == ("person_changed", 3)


def test_no_events_are_no_log_line(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="esr_portal.security"):
        events.record_many(event=Event.PERSON_CHANGED, about=[])
    assert not caplog.records
