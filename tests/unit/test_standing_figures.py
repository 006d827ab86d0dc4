"""How things stand, for the operators' monitoring: what the worker does, and does not."""

from __future__ import annotations

import datetime
import uuid

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import OutboxMessage, Session
from accounts.models.outbox import Kind
from accounts.models.security_event import Event
from accounts.services import events, heartbeats, outbox, standing_figures
from tests.support.factories import make_user
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db

MINUTE = datetime.timedelta(minutes=1)


def test_the_outbox_is_counted_by_kind_of_work_and_where_it_is() -> None:
    for kind in (Kind.DECIDE_RECOVERY, Kind.RECOVERY, Kind.RECOVERY, Kind.NEW_BROWSER, Kind.PEOPLE_FILE):
        outbox.add(kind=kind, about={"users": [1]})
    outbox.finish(message=OutboxMessage.objects.filter(kind=Kind.RECOVERY)[0])
    held = outbox.claim(kinds={Kind.NEW_BROWSER})
    assert held
    failed = outbox.claim(kinds={Kind.RECOVERY})
    assert failed
    outbox.fail(message=failed, error="Unreachable")
    decision = outbox.claim(kinds={Kind.DECIDE_RECOVERY})
    assert decision
    outbox.postpone(message=decision, until=timezone.now() + MINUTE)
    found = {key: number for key, number in standing_figures.outbox().items() if number}
    assert found == {("mail", "in_hand"): 1, ("mail", "failed"): 1, ("decision", "later"): 1, ("long", "due"): 1}


def test_an_outbox_beyond_all_bounds_is_counted_up_to_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standing_figures, "MOST_ROWS", 3)
    outbox.add_many(kind=Kind.WELCOME, about=[{"users": [n]} for n in range(5)])
    assert standing_figures.outbox()["mail", "due"] == 3


def test_the_oldest_mail_has_an_age_and_none_has_none(travel: Travel) -> None:
    assert standing_figures.oldest_mail_age() == 0
    outbox.add(kind=Kind.RECOVERY, about={"users": [1]})
    travel(minutes=7)
    assert 7 * 60 <= standing_figures.oldest_mail_age() < 8 * 60


def test_each_part_of_a_worker_has_the_age_of_the_worker_that_was_last_at_it(travel: Travel) -> None:
    assert standing_figures.worker_ages() == {}
    assert standing_figures.workers() == 0
    for _ in range(2):
        now = timezone.now()
        heartbeats.beat(worker=uuid.uuid4(), began_at=now, parts={"counting and filing": now - 5 * MINUTE})
        travel(minutes=3)
    ages = standing_figures.worker_ages()
    assert {part: round(age / 60) for part, age in ages.items()} == {"mail": 3, "counting and filing": 8}
    assert standing_figures.workers() == 0
    heartbeats.beat(worker=uuid.uuid4(), began_at=timezone.now())
    assert standing_figures.workers() == 1
    assert round(standing_figures.worker_ages()["mail"]) == 0


def test_decisions_are_counted_for_a_while_and_none_is_left_out_at_nought(travel: Travel) -> None:
    user = make_user()
    for reason in ("mailed", "mailed", "date_differs"):
        events.record(event=Event.RECOVERY_DECIDED, user_id=user.pk, reason=reason)
    found = standing_figures.decided_lately()
    assert (found["mailed"], found["date_differs"], found["limited"]) == (2, 1, 0)
    travel(minutes=16)
    assert set(standing_figures.decided_lately().values()) == {0}


@pytest.mark.parametrize("counted", [10_000, 1])
def test_sessions_that_are_over_are_not_counted(monkeypatch: pytest.MonkeyPatch, counted: int) -> None:
    """Beyond some number PostgreSQL estimates, from what it has last seen of the table."""
    monkeypatch.setattr(standing_figures, "COUNTED_SESSIONS", counted)
    now = timezone.now()
    Session.objects.bulk_create(
        Session(session_key=str(number), session_data="", expire_date=now + (number + 0.5) * MINUTE)
        for number in range(-100, 200)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE accounts_session")
    assert abs(standing_figures.sessions() - 200) <= (0 if counted > 200 else 20)
