"""The database goes away while many people are let in: what is written down is what was done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import call_command
from django.db import OperationalError

from accounts.models import OutboxMessage, SecurityEvent
from accounts.models.outbox import Kind
from accounts.models.security_event import Event
from accounts.services import lockout, outbox
from helpdesk.services import letting_in, outage
from tests.support.factories import make_user
from tests.support.helpdesk import make_lead
from tests.unit.test_outage import lock, preview, was_in

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.django_db


def test_where_the_database_fails_at_first_nothing_is_done_and_it_can_be_pressed_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lead, person = make_lead(), make_user()
    was_in(person)
    lock(person)
    row = preview(lead)
    with monkeypatch.context() as patched:
        patched.setattr("accounts.services.outbox.add_many", _fails_after(0))
        with pytest.raises(OperationalError):
            outage.unlock(row=row, by=lead, note="x")
    row.refresh_from_db()
    assert (row.done_at, row.people) == (None, [person.pk])
    assert lockout.is_locked(username=person.username)
    assert outage.unlock(row=row, by=lead, note="x") == 1


def test_where_the_database_fails_in_between_the_worker_goes_on_after_those_who_were_let_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lead, people = make_lead(), [make_user() for _ in range(3)]
    for person in people:
        was_in(person)
        lock(person)
    row = preview(lead)
    monkeypatch.setattr(outage, "FEW", 1)
    monkeypatch.setattr(letting_in, "AT_ONCE", 2)
    assert outage.unlock(row=row, by=lead, note="x") is None
    with monkeypatch.context() as patched:
        patched.setattr("accounts.services.outbox.add_many", _fails_after(1))
        with pytest.raises(OperationalError):
            letting_in.go_on(message=OutboxMessage.objects.get(kind=Kind.OUTAGE_UNLOCK), keep=lambda: None)
    row.refresh_from_db()
    assert (row.done_at, row.unlocked, row.people) == (None, 2, [people[2].pk])
    assert sum(lockout.is_locked(username=person.username) for person in people) == 1
    call_command("work", once=True)
    row.refresh_from_db()
    assert (row.done_at is not None, row.unlocked, row.people) == (True, 3, [])
    told = SecurityEvent.objects.filter(event=Event.UNLOCKED)
    assert sorted(told.values_list("user", flat=True)) == sorted(person.pk for person in people)


def _fails_after(times: int) -> Callable[..., None]:
    """Return what adds mails so many times, and fails then as a database does that goes away."""
    left = iter(range(times))
    add_many = outbox.add_many

    def add(**facts: Any) -> None:
        if next(left, None) is None:
            raise OperationalError
        add_many(**facts)

    return add
