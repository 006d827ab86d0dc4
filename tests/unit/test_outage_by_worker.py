"""Many people are let in by the worker: each once, as the lead may by then, and as the list was."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts import jobs
from accounts.models import OutageUnlock, OutboxMessage, SecurityEvent, User
from accounts.models.outage_unlock import Ending
from accounts.models.outbox import Kind
from accounts.models.role import Role
from accounts.models.security_event import Event
from accounts.services import lockout, outbox
from accounts.services.events import Origin, coming_from
from helpdesk.services import letting_in, outage
from tests.support.factories import make_user
from tests.support.helpdesk import make_lead
from tests.support.travel import Travel
from tests.unit.test_outage import HOME, lock, preview, was_in

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture(autouse=True)
def two_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outage, "FEW", 1)
    monkeypatch.setattr(letting_in, "AT_ONCE", 2)


def locked_out(number: int = 3) -> list[User]:
    people = [make_user() for _ in range(number)]
    for person in people:
        was_in(person)
        lock(person)
    return people


def confirmed(lead: User) -> OutageUnlock:
    row = preview(lead)
    with coming_from(Origin(address="203.0.113.5")):
        assert outage.unlock(row=row, by=lead, note="Database away") is None
    row.refresh_from_db()
    return row


def work(row: OutageUnlock) -> OutageUnlock:
    call_command("work", once=True)
    row.refresh_from_db()
    return row


def still_locked(people: list[User]) -> int:
    return sum(lockout.is_locked(username=person.username) for person in people)


def test_the_press_unlocks_nobody_and_the_worker_each_once_with_an_event_and_a_mail() -> None:
    lead, people = make_lead(), locked_out(5)
    row = confirmed(lead)
    assert (still_locked(people), row.done_at, row.to_let_in) == (5, None, 5)
    assert outage.is_over(row)
    work(row)
    assert (still_locked(people), row.unlocked, row.why_ended) == (0, 5, "")
    told = SecurityEvent.objects.filter(event=Event.UNLOCKED).order_by("user")
    # As the lead did it, and from where the lead did it.
    assert [(each.user_id, each.by_id, each.note, each.address, each.reason) for each in told] == [
        (person.pk, lead.pk, "Database away", "203.0.113.5", "after_outage") for person in people
    ]
    mails = OutboxMessage.objects.filter(kind=Kind.HELPED)
    assert {mail.about["event"] for mail in mails} == {each.pk for each in told}
    assert (row.people, row.note, row.address) == ([], "", None), "the events have it"
    with pytest.raises(outage.Over):
        outage.unlock(row=row, by=lead, note="x")


def test_a_lead_who_has_lost_the_role_since_lets_nobody_in() -> None:
    """Threat: what was pressed in a stolen session goes on after it was found out."""
    lead, people = make_lead(), locked_out()
    row = confirmed(lead)
    User.objects.filter(pk=lead.pk).update(role=Role.AGENT)
    work(row)
    assert (still_locked(people), row.unlocked, row.why_ended, row.people) == (3, 0, Ending.STOPPED, [])


def test_nor_more_than_by_then_where_it_is_lost_in_between() -> None:
    lead, people = make_lead(), locked_out()
    row = confirmed(lead)
    message = OutboxMessage.objects.get(kind=Kind.OUTAGE_UNLOCK)
    looks = iter(range(10))

    def keep() -> None:
        if next(looks) == 1:
            User.objects.filter(pk=lead.pk).update(is_active=False)

    assert letting_in.go_on(message=message, keep=keep) is None
    row.refresh_from_db()
    assert (still_locked(people), row.unlocked, row.why_ended) == (1, 2, Ending.STOPPED)


def test_nothing_is_done_where_there_are_people_by_then_who_were_not_shown() -> None:
    lead, people = make_lead(), locked_out()
    row = confirmed(lead)
    late = locked_out(1)
    OutageUnlock.objects.update(ends_at=timezone.now())
    work(row)
    assert (still_locked(people + late), row.unlocked, row.why_ended) == (4, 0, Ending.GREW)


def test_who_is_locked_anew_after_they_were_let_in_stops_nothing() -> None:
    """The list is compared before the first is let in, and not with those who were let in by it."""
    lead, people = make_lead(), locked_out()
    row = confirmed(lead)
    message = OutboxMessage.objects.get(kind=Kind.OUTAGE_UNLOCK)
    looks = iter(range(10))

    def keep() -> None:
        if next(looks) == 1:
            lock(people[0])
            OutageUnlock.objects.update(ends_at=timezone.now())

    letting_in.go_on(message=message, keep=keep)
    row.refresh_from_db()
    assert (still_locked(people), row.unlocked, row.why_ended) == (1, 3, "")


def test_a_person_whom_a_stranger_tries_meanwhile_stays_locked() -> None:
    lead, people = make_lead(), locked_out()
    row = confirmed(lead)
    message = OutboxMessage.objects.get(kind=Kind.OUTAGE_UNLOCK)
    looks = iter(range(10))

    def keep() -> None:
        if next(looks) == 1:
            SecurityEvent.objects.create(event=Event.LOG_IN_FAILED, user=people[2], address="198.51.100.9")

    letting_in.go_on(message=message, keep=keep)
    row.refresh_from_db()
    assert (still_locked(people), row.unlocked) == (1, 2)
    assert lockout.is_locked(username=people[2].username)


def test_a_worker_that_comes_when_those_locks_have_ended_ends_no_new_ones(travel: Travel) -> None:
    """Threat: no worker ran for hours, and people whom others guess at since are unlocked by an old press."""
    lead, people = make_lead(), locked_out()
    row = confirmed(lead)
    travel(minutes=16)
    for person in people:
        lock(person, address=HOME)
    work(row)
    assert (still_locked(people), row.unlocked, row.why_ended) == (3, 0, Ending.LATE)


def test_a_list_on_which_everybody_is_in_again_is_done_with_nobody() -> None:
    lead, people = make_lead(), locked_out()
    row = confirmed(lead)
    for person in people:
        lockout.unlock(user=person, by=None)
    work(row)
    assert (row.unlocked, row.why_ended, row.done_at is not None) == (0, "", True)


def test_a_list_that_is_deleted_meanwhile_is_left() -> None:
    locked_out()
    confirmed(make_lead())
    OutageUnlock.objects.all().delete()
    call_command("work", once=True)
    assert OutboxMessage.objects.get(kind=Kind.OUTAGE_UNLOCK).sent_at is not None


def test_it_waits_for_no_import_nor_an_import_for_it() -> None:
    """A file of two hundred thousand people takes minutes, and those who are locked out wait."""
    outbox.add(kind=Kind.PEOPLE_FILE, about={"upload": 1})
    outbox.add(kind=Kind.OUTAGE_UNLOCK, about={"outage": 1})
    assert jobs.LongWorker(kinds={Kind.OUTAGE_UNLOCK}).do_what_is_due() == 1
    assert OutboxMessage.objects.get(sent_at__isnull=True).kind == Kind.PEOPLE_FILE


def test_what_a_few_wait_for_is_done_at_once() -> None:
    lead, people = make_lead(), locked_out(1)
    assert outage.unlock(row=preview(lead), by=lead, note="x") == 1
    assert still_locked(people) == 0
    assert not OutboxMessage.objects.filter(kind=Kind.OUTAGE_UNLOCK).exists()
    assert OutageUnlock.objects.get().done_at is not None
