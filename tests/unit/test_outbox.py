"""The outbox: rows are claimed once, retried with back-off, and never lost."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import jobs
from accounts.models import OutboxMessage
from accounts.models.outbox import Kind
from accounts.services import outbox
from accounts.services.outbox import Failure

if TYPE_CHECKING:
    from tests.support.travel import Travel

pytestmark = pytest.mark.django_db


def add(kind: Kind = Kind.PASSWORD_CHANGED) -> OutboxMessage:
    return outbox.add(kind=kind, about={"users": []})


def claim() -> OutboxMessage:
    message = outbox.claim(kinds=list(Kind))
    assert message is not None
    return message


def nothing_is_due() -> bool:
    return outbox.claim(kinds=list(Kind)) is None


def test_a_row_is_due_at_once_and_goes_to_one_worker() -> None:
    added = add()
    assert claim() == added
    assert nothing_is_due()


def test_what_was_asked_for_while_a_clock_was_ahead_is_done_once_it_is_right(travel: Travel) -> None:
    """One instance's clock was two hours ahead: whoever asked for a link there would get it two hours late."""
    travel(hours=2)
    added = add()
    travel.back()
    assert claim() == added
    assert nothing_is_due()
    # Where the worker was killed meanwhile, too.
    travel(minutes=5, seconds=1)
    message = claim()
    assert message == added
    outbox.fail(message=message, error="refused")
    assert nothing_is_due(), "it waits after a failure as every other"


def test_claiming_counts_the_attempt_and_takes_a_lease() -> None:
    add()
    message = claim()
    message.refresh_from_db()
    assert message.attempts == 1
    assert message.leased_until is not None
    assert abs(message.leased_until - timezone.now() - datetime.timedelta(minutes=5)) < datetime.timedelta(seconds=5)


def test_a_leased_row_is_taken_over_after_five_minutes(travel: Travel) -> None:
    added = add()
    claim()
    travel(minutes=4, seconds=55)
    assert nothing_is_due()
    travel(seconds=6)
    assert claim() == added
    added.refresh_from_db()
    assert added.attempts == 2


def test_the_row_that_has_been_due_longest_goes_first(travel: Travel) -> None:
    first = add()
    travel(seconds=1)
    add()
    assert claim() == first


def test_mails_to_many_stand_behind_the_link_that_a_person_waits_for(travel: Travel) -> None:
    """The daily work warns thousands at once, in the minutes in which a shift begins."""
    outbox.add_many(kind=Kind.DORMANT_SOON, about=({"users": [key]} for key in range(1, 4)))
    travel(minutes=30)
    outbox.add(kind=Kind.RECOVERY, about={"users": [9]})
    outbox.add_many(kind=Kind.STILL_OPEN, about=[{"users": [10]}], is_waited_for=True)
    kinds = {Kind.DORMANT_SOON, Kind.RECOVERY, Kind.STILL_OPEN}
    claimed = [outbox.claim(kinds=kinds) for _ in range(5)]
    order = [row.about["users"] for row in claimed if row]
    assert order[:2] == [[9], [10]]
    assert sorted(order[2:]) == [[1], [2], [3]], "they are due all the same"


def test_a_row_of_another_kind_is_left_alone() -> None:
    add(Kind.RECOVERY)
    assert outbox.claim(kinds=[Kind.DECIDE_RECOVERY]) is None


def test_a_finished_row_is_never_due_again(travel: Travel) -> None:
    add()
    message = claim()
    outbox.finish(message=message)
    travel(days=2)
    assert nothing_is_due()
    message.refresh_from_db()
    assert message.sent_at is not None
    assert message.leased_until is None


def test_a_failed_row_stays_says_why_and_waits() -> None:
    add()
    message = claim()
    outbox.fail(message=message, error="SMTPDataError 451")
    assert nothing_is_due()
    message.refresh_from_db()
    assert message.sent_at is None
    assert message.leased_until is None
    assert message.last_error == "SMTPDataError 451"
    wait = message.due_at - timezone.now()
    assert datetime.timedelta(seconds=4) < wait <= datetime.timedelta(seconds=6.25)


def test_a_failed_row_is_tried_for_as_long_as_it_takes(travel: Travel) -> None:
    added = add()
    for _ in range(30):
        outbox.fail(message=claim(), error="SMTPDataError 451")
        assert nothing_is_due()
        travel(minutes=15, seconds=1)
    assert claim() == added


@pytest.mark.parametrize(
    ("attempts", "seconds"),
    [(1, 5), (2, 10), (3, 20), (4, 40), (5, 80), (6, 160), (7, 320), (8, 640), (9, 720), (10, 720), (1_000_000, 720)],
)
def test_the_wait_doubles_from_five_seconds_to_fifteen_minutes(attempts: int, seconds: int) -> None:
    waits = [outbox.wait_after(attempts=attempts).total_seconds() for _ in range(300)]
    assert seconds <= min(waits)
    assert max(waits) <= seconds * 1.25 <= 15 * 60


def test_rows_that_failed_together_come_back_apart() -> None:
    assert len({outbox.wait_after(attempts=3) for _ in range(50)}) > 40


def test_a_closed_mailbox_is_tried_often_for_a_day_then_once_a_day(travel: Travel) -> None:
    added = add()
    travel(hours=23)
    outbox.fail(message=claim(), error="SMTPRecipientsRefused 550", failure=Failure.REFUSED_FOR_GOOD)
    added.refresh_from_db()
    assert added.due_at - timezone.now() <= datetime.timedelta(minutes=15)
    travel(hours=2)
    outbox.fail(message=claim(), error="SMTPRecipientsRefused 550", failure=Failure.REFUSED_FOR_GOOD)
    travel(hours=23, minutes=59)
    assert nothing_is_due()
    travel(minutes=2)
    assert claim() == added


def test_a_worker_whose_lease_has_passed_on_cannot_fail_the_row_of_the_next(travel: Travel) -> None:
    add()
    late = claim()
    travel(minutes=6)
    now = claim()
    outbox.fail(message=late, error="SMTPServerDisconnected")
    now.refresh_from_db()
    assert now.leased_until is not None
    assert now.last_error == ""


def test_a_worker_whose_lease_has_passed_on_can_still_say_that_the_work_is_done(travel: Travel) -> None:
    add()
    late = claim()
    travel(minutes=6)
    now = claim()
    outbox.finish(message=late)
    outbox.fail(message=now, error="SMTPServerDisconnected")
    travel(hours=1)
    assert nothing_is_due()


def test_an_idle_look_is_two_reads_and_takes_no_lock() -> None:
    outbox.finish(message=add())
    add()
    claim()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert jobs.Worker().do_what_is_due() == 0
    assert len(queries) == 2
    for query in queries:
        assert query["sql"].startswith("SELECT ")
        assert "FOR UPDATE" not in query["sql"]


def test_a_row_is_split_once(travel: Travel) -> None:
    outbox.add(kind=Kind.RECOVERY, about={"request": 7, "users": [1, 2]})
    late = claim()
    travel(minutes=6)
    now = claim()
    outbox.split(message=now, groups=[[1], [2]])
    outbox.split(message=late, groups=[[1], [2]])
    waiting = OutboxMessage.objects.filter(sent_at__isnull=True)
    assert [m.about for m in waiting.order_by("about")] == [{"request": 7, "users": [1]}, {"request": 7, "users": [2]}]
    assert {m.created_at for m in waiting} == {now.created_at}


@pytest.mark.parametrize("secret", ["jo.smith@nhs.net", ["jo.smith@nhs.net"], datetime.date(1980, 4, 23), 1.5, None])
def test_a_row_takes_primary_keys_and_flags_only(secret: object) -> None:
    outbox.add(kind=Kind.RECOVERY, about={"request": 7, "users": [1, 2], "by_helpdesk": True})
    with pytest.raises(TypeError):
        outbox.add(kind=Kind.RECOVERY, about={"users": secret})


def test_rows_done_long_ago_are_deleted_and_undone_ones_never(travel: Travel) -> None:
    done, undone = add(), add()
    outbox.finish(message=done)
    travel(days=29)
    assert outbox.delete_done() == 0
    travel(days=2)
    assert outbox.delete_done() == 1
    assert list(OutboxMessage.objects.all()) == [undone]
