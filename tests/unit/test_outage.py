"""Letting in many people whom an outage has kept out.

Threat: an attacker who guesses waits for an outage, or a lead is told of one that never was, and guesses on afterwards.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from accounts.models import (
    DeviceCookie,
    Lockout,
    OutageUnlock,
    OutboxMessage,
    SecurityEvent,
    TrustedNetwork,
    User,
)
from accounts.models.outage_unlock import Cause
from accounts.models.outbox import Kind
from accounts.models.role import Role
from accounts.models.security_event import Event
from accounts.services import events, freezing, lockout, log_in
from accounts.services.events import Origin, coming_from
from helpdesk.kept_out import Why
from helpdesk.services import outage
from people.services import rights
from tests.support.factories import PASSWORD, make_organisation, make_user
from tests.support.helpdesk import make_agent, make_lead, make_operator

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries

    from accounts.models import Organisation
    from tests.support.travel import Travel

pytestmark = pytest.mark.django_db

HOME, ELSEWHERE = "192.0.2.10", "198.51.100.9"
HOUR = datetime.timedelta(hours=1)


def was_in(user: User, address: str = HOME) -> None:
    SecurityEvent.objects.create(
        event=Event.LOGGED_IN, user=user, address=address, at=timezone.now() - datetime.timedelta(days=3)
    )


def lock(user: User, *, browser: str = "", address: str = HOME) -> None:
    with coming_from(Origin(address=address)):
        for _ in range(lockout.LIMIT):
            log_in.check_password(username=user.username, password="wrong", browser=browser)
    assert lockout.is_locked(username=user.username, browser=browser)


def preview(by: User, *, organisation: Organisation | None = None) -> OutageUnlock:
    now = timezone.now()
    of = by.organisation if organisation is None and not rights.is_operator(user=by) else organisation
    return outage.preview(by=by, organisation=of, cause=Cause.WRONG_PASSWORDS, begins_at=now - HOUR, ends_at=now)


def unlock(by: User, **facts: object) -> int | None:
    return outage.unlock(row=preview(by, **facts), by=by, note="Database away from 8 to 9")  # type: ignore[arg-type]


def test_those_who_are_locked_are_let_in_each_with_an_event_and_a_mail_that_goes_after_the_others() -> None:
    lead, people = make_lead(), [make_user() for _ in range(3)]
    for person in people:
        was_in(person)
        lock(person)
    assert unlock(lead) == 3
    for person in people:
        assert log_in.check_password(username=person.username, password=PASSWORD).user == person
    told = SecurityEvent.objects.filter(event=Event.UNLOCKED).order_by("user")
    assert [(row.user_id, row.by_id, row.reason, row.note) for row in told] == [
        (person.pk, lead.pk, "after_outage", "Database away from 8 to 9") for person in people
    ]
    mails = OutboxMessage.objects.filter(kind=Kind.HELPED)
    assert {mail.about["event"] for mail in mails} == {row.pk for row in told}
    assert all(mail.turn_at > timezone.now() + datetime.timedelta(minutes=59) for mail in mails)


def test_the_wrong_passwords_in_a_row_stay_so_that_a_hundred_are_a_hundred_however_often_it_is_done(
    travel: Travel,
) -> None:
    """Threat: ten tries more after each unlocking, without end (NIST SP 800-63B-4, 3.2.2)."""
    lead, person = make_lead(), make_user()
    was_in(person)
    for round_ in range(1, 10):
        lock(person)
        assert unlock(lead) == 1
        assert Lockout.objects.get().in_a_row == round_ * lockout.LIMIT
        travel(seconds=5)
    lock(person)
    assert preview(lead).left_out == {Why.USED_UP: 1}
    assert log_in.check_password(username=person.username, password=PASSWORD).user is None


def test_after_it_there_are_ten_tries_and_no_more() -> None:
    lead, person = make_lead(), make_user()
    was_in(person)
    lock(person)
    unlock(lead)
    for _ in range(lockout.LIMIT):
        assert lockout.record_failure(username=person.username) is not None
    assert lockout.record_failure(username=person.username) is None


def test_who_was_tried_from_a_place_where_they_were_never_in_stays_locked() -> None:
    lead, sprayed, own = make_lead(), make_user(), make_user()
    was_in(sprayed)
    was_in(own)
    lock(sprayed, address=ELSEWHERE)
    lock(own)
    row = preview(lead)
    assert row.people == [own.pk]
    assert row.left_out == {Why.STRANGERS: 1}
    outage.unlock(row=row, by=lead, note="x")
    assert lockout.is_locked(username=sprayed.username)


def test_one_try_of_a_stranger_among_those_of_the_person_is_enough() -> None:
    """Threat: a guesser adds the last of ten tries to nine of the owner's."""
    lead, person = make_lead(), make_user()
    was_in(person)
    with coming_from(Origin(address=ELSEWHERE)):
        log_in.check_password(username=person.username, password="wrong")
    for _ in range(lockout.LIMIT - 1):
        with coming_from(Origin(address=HOME)):
            log_in.check_password(username=person.username, password="wrong")
    assert preview(lead).left_out == {Why.STRANGERS: 1}


def test_a_log_in_after_the_outage_began_makes_no_place_known() -> None:
    """Threat: an attacker who has got in once from a new place has the lock of the owner lifted by it."""
    lead, person = make_lead(), make_user()
    with coming_from(Origin(address=ELSEWHERE)):
        log_in.check_password(username=person.username, password=PASSWORD)
        events.record(event=Event.LOGGED_IN, user_id=person.pk)
    lock(person, address=ELSEWHERE)
    assert preview(lead).left_out == {Why.STRANGERS: 1}


def test_the_networks_of_the_organisation_are_known_and_no_place_at_all_is_not() -> None:
    lead, inside, unknown = make_lead(), make_user(), make_user()
    TrustedNetwork.objects.create(organisation=lead.organisation, network="192.0.2.0/24")
    lock(inside)
    lock(unknown, address="")
    row = preview(lead)
    assert (row.people, row.left_out) == ([inside.pk], {Why.STRANGERS: 1})


def test_in_version_6_the_place_is_the_network_of_the_household() -> None:
    lead, person = make_lead(), make_user()
    was_in(person, address="2001:db8:1:2::7")
    lock(person, address="2001:db8:1:2:abcd::1")
    assert preview(lead).people == [person.pk]


def test_of_who_is_locked_in_their_own_browser_and_guessed_at_elsewhere_the_own_browser_is_let_in_alone() -> None:
    lead, person = make_lead(), make_user()
    was_in(person)
    DeviceCookie.objects.create(user=person, digest="own")
    lock(person, browser="own")
    lock(person, address=ELSEWHERE)
    assert unlock(lead) == 1
    assert not lockout.is_locked(username=person.username, browser="own")
    assert lockout.is_locked(username=person.username)


def test_frozen_people_and_those_who_may_not_enter_or_have_rights_are_left_out() -> None:
    lead, frozen, ended, agent, ended_lock = make_lead(), make_user(), make_user(), make_agent(), make_user()
    for person in (frozen, ended, agent, lead, ended_lock):
        was_in(person)
        lock(person)
    freezing.freeze(user=frozen, reason=freezing.Reason.HELPDESK, by=lead)
    User.objects.filter(pk=ended.pk).update(is_active=False)
    lockout.unlock(user=ended_lock, by=None)
    row = preview(lead)
    assert row.people == []
    assert row.left_out == {Why.FROZEN: 1, Why.NOT_IN_FORCE: 1, Why.HAS_RIGHTS: 2, Why.NO_LONGER: 1}
    # A national administrator may help the agent, and the lead.
    assert preview(make_operator()).people == sorted([agent.pk, lead.pk])


def test_a_lead_reaches_their_organisation_and_a_national_administrator_all_or_one() -> None:
    lead, operator = make_lead(), make_operator()
    south = make_organisation(code="111", name="South")
    here, there = make_user(), make_user(organisation=south)
    for person in (here, there):
        was_in(person)
        lock(person)
    assert preview(lead).people == [here.pk]
    assert preview(operator).people == [here.pk, there.pk]
    assert preview(operator, organisation=south).people == [there.pk]
    with pytest.raises(rights.NotAllowed):
        preview(lead, organisation=south)


@pytest.mark.parametrize("role", [Role.AGENT, Role.AUDITOR, Role.ORGANISATION_ADMIN])
def test_no_other_role_unlocks_many(role: Role) -> None:
    by, lead = make_user(role=role), make_lead()
    row = preview(lead)
    with pytest.raises(rights.NotAllowed):
        preview(by)
    with pytest.raises(rights.NotAllowed):
        outage.unlock(row=row, by=by, note="x")
    assert not outage.seen_by(agent=by).exists()


def test_it_is_done_by_who_was_shown_it_and_once_and_soon(travel: Travel) -> None:
    lead, other = make_lead(), make_lead()
    row = preview(lead)
    with pytest.raises(rights.NotAllowed):
        outage.unlock(row=row, by=other, note="x")
    assert outage.unlock(row=row, by=lead, note="x") == 0
    row.refresh_from_db()
    with pytest.raises(outage.Over):
        outage.unlock(row=row, by=lead, note="x")
    stale = preview(lead)
    travel(minutes=16)
    with pytest.raises(outage.Over):
        outage.unlock(row=stale, by=lead, note="x")


def test_nothing_is_done_where_there_are_people_who_were_not_shown() -> None:
    """Threat: between the look and the press a person is locked whom the lead has not seen."""
    lead, shown, late = make_lead(), make_user(), make_user()
    was_in(shown)
    was_in(late, address=ELSEWHERE)
    lock(shown)
    lock(late, address=HOME)
    row = preview(lead)
    assert row.people == [shown.pk]
    was_in(late)
    with pytest.raises(outage.Grew):
        outage.unlock(row=row, by=lead, note="x")
    assert lockout.is_locked(username=shown.username)
    row.refresh_from_db()
    assert not row.done_at


def test_who_is_let_in_meanwhile_is_not_told_twice() -> None:
    lead, early, late = make_lead(), make_user(), make_user()
    for person in (early, late):
        was_in(person)
        lock(person)
    row = preview(lead)
    lockout.unlock(user=early, by=None)
    assert outage.unlock(row=row, by=lead, note="x") == 1
    row.refresh_from_db()
    assert (row.unlocked, row.people) == (1, [])


def test_more_than_are_let_in_at_once_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("helpdesk.kept_out.MOST", 1)
    lead = make_lead()
    for _ in range(2):
        lock(make_user())
    with pytest.raises(outage.TooMany):
        preview(lead)


def test_it_takes_as_many_queries_however_many_people_there_are(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    lead = make_lead()
    for _ in range(2):
        for _ in range(4):
            person = make_user()
            was_in(person)
            lock(person)
        # Who was locked, their records, their counters, who of them is the lead, the places of the tries; and what is
        # kept of it.
        with django_assert_num_queries(6):
            preview(lead)


def test_what_was_shown_is_deleted_after_a_day(travel: Travel) -> None:
    lead = make_lead()
    preview(lead)
    travel(days=1, minutes=1)
    assert outage.delete_old() == 1
