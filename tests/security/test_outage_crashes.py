"""Threat: a worker dies while it lets many people in, or two do it at once, and people are told twice or left out."""

from __future__ import annotations

import functools

import pytest
from django.utils import timezone

from accounts.models import Lockout, OutageUnlock, OutboxMessage, SecurityEvent, TrustedNetwork, User
from accounts.models.outbox import Kind
from accounts.models.security_event import Event
from accounts.services import lockout
from helpdesk.services import letting_in, outage
from tests.support.factories import make_many
from tests.support.helpdesk import make_lead
from tests.support.threads import all_at_once
from tests.support.workers import StartWorker, wait_until
from tests.unit.test_outage import preview

INSIDE = "192.0.2.10"


def locked_out(number: int) -> list[User]:
    """Return people who have typed ten wrong passwords each inside of their organisation."""
    people = make_many(number)
    TrustedNetwork.objects.create(organisation=people[0].organisation, network="192.0.2.0/24")
    now = timezone.now()
    SecurityEvent.objects.bulk_create(
        SecurityEvent(event=event, user=person, address=INSIDE)
        for person in people
        for event in (Event.LOG_IN_FAILED, Event.LOCKED)
    )
    Lockout.objects.bulk_create(
        Lockout(
            username_digest=lockout.username_digest(person.username),
            failures=lockout.LIMIT,
            in_a_row=lockout.LIMIT,
            last_failure_at=now,
            locked_at=now,
        )
        for person in people
    )
    return people


def told_once(people: list[User]) -> bool:
    told = list(SecurityEvent.objects.filter(event=Event.UNLOCKED).values_list("user_id", flat=True))
    mails = OutboxMessage.objects.filter(kind=Kind.HELPED).values_list("about", flat=True)
    keys = sorted(person.pk for person in people)
    return sorted(told) == keys == sorted(key for about in mails for key in about["users"])


@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_leaves_whole_parts_and_the_next_goes_on(start_worker: StartWorker) -> None:
    lead, people = make_lead(), locked_out(3_000)
    row = preview(lead)
    assert outage.unlock(row=row, by=lead, note="Database away") is None
    first = start_worker()
    wait_until(lambda: OutageUnlock.objects.get(pk=row.pk).unlocked > 0)
    first.kill()
    row.refresh_from_db()
    assert row.done_at is None
    assert 0 < row.unlocked == SecurityEvent.objects.filter(event=Event.UNLOCKED).count() < 3_000
    assert row.unlocked % letting_in.AT_ONCE == 0
    # As when its lease is over.
    OutboxMessage.objects.filter(kind=Kind.OUTAGE_UNLOCK).update(leased_until=timezone.now())
    start_worker()
    wait_until(lambda: OutageUnlock.objects.get(pk=row.pk).done_at is not None)
    row.refresh_from_db()
    assert (row.unlocked, row.why_ended) == (3_000, "")
    assert told_once(people)


@pytest.mark.django_db(transaction=True)
def test_two_workers_that_do_the_same_list_at_once_let_each_in_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that was taken for dead goes on beside the one that has its row."""
    monkeypatch.setattr(outage, "FEW", 1)
    monkeypatch.setattr(letting_in, "AT_ONCE", 5)
    lead, people = make_lead(), locked_out(40)
    row = preview(lead)
    outage.unlock(row=row, by=lead, note="Database away")
    message = OutboxMessage.objects.get(kind=Kind.OUTAGE_UNLOCK)
    answers = all_at_once([functools.partial(letting_in.go_on, message=message, keep=lambda: None)] * 3)
    assert answers == [None] * 3
    row.refresh_from_db()
    assert (row.unlocked, row.people, row.why_ended) == (40, [], "")
    assert told_once(people)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("few", [1, 100], ids=["the worker", "the request"])
def test_of_two_presses_at_once_one_does_it(monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    monkeypatch.setattr(outage, "FEW", few)
    lead, people = make_lead(), locked_out(10)
    row = preview(lead)
    rows = [OutageUnlock.objects.get(pk=row.pk) for _ in range(4)]
    calls = [functools.partial(outage.unlock, row=each, by=lead, note="Database away") for each in rows]
    answers = all_at_once(calls)
    assert sum(isinstance(answer, outage.Over) for answer in answers) == 3
    letting_in.go_on(message=OutboxMessage(about={"outage": row.pk}), keep=lambda: None)
    assert OutboxMessage.objects.filter(kind=Kind.OUTAGE_UNLOCK).count() == (few == 1)
    assert told_once(people)
