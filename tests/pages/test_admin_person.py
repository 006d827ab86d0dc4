"""The page of a person in the admin: see why they cannot get in, and press a button."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import OutboxMessage, SecurityEvent, User
from accounts.models.outbox import Kind
from accounts.models.security_event import Event
from accounts.services import lockout, log_in
from tests.support.factories import make_user
from tests.support.helpdesk import PEOPLE, lock, messages, page_of, text
from tests.support.remembered_browsers import CHROME
from tests.support.steps import PortalClient
from tests.support.steps import log_in as log_in_as

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ({}, "Can get in: Yes"),
        ({"is_active": False}, "No: not active"),
        ({"ends_on": datetime.date(2020, 1, 31)}, "No: their last day was 31 January 2020"),
        ({"starts_on": datetime.date(2999, 1, 31)}, "No: their first day is 31 January 2999"),
        ({"password": None}, "Not yet: they have no password. Send the recovery email."),
        ({"must_change_password": True}, "Yes. They must set a new password at the next log-in with it."),
    ],
)
def test_the_page_says_why_somebody_cannot_get_in(desk: PortalClient, facts: dict[str, Any], says: str) -> None:
    assert says in text(desk, page_of(make_user(**facts)))


def test_the_page_says_until_when_somebody_is_locked_and_where(desk: PortalClient) -> None:
    person = make_user()
    lock(person)
    log_in.check_password(username=person.username, password="wrong", browser="b" * 64)
    page = text(desk, page_of(person))
    assert "Not now: locked after too many wrong passwords" in page
    assert "10 in other browsers, locked until " in page
    assert "1 in a browser they have used before" in page


def test_the_page_says_when_somebody_last_logged_in_and_on_what(desk: PortalClient, client: PortalClient) -> None:
    person = make_user()
    assert "Last log-in: Never" in text(desk, page_of(person))
    client.defaults["HTTP_USER_AGENT"] = CHROME
    log_in_as(client, person)
    assert f"{timezone.localdate().year} at " in text(desk, page_of(person))
    assert "Chrome on Windows" in text(desk, page_of(person))


def test_the_page_leads_to_what_happened(desk: PortalClient) -> None:
    person, other = make_user(), make_user()
    lock(person)
    lock(other)
    link = BeautifulSoup(desk.get(page_of(person)).content, "html.parser").select_one(".field-events a")
    assert link is not None
    events = text(desk, str(link["href"]))
    assert person.username in events
    assert other.username not in events


def test_a_page_asks_the_database_a_fixed_number_of_times(
    desk: PortalClient, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    person = make_user()
    for _ in range(3):
        lock(person)
    with django_assert_max_num_queries(17):
        desk.get(page_of(person))


def test_unlock_on_the_page_of_a_person_lifts_every_lock(desk: PortalClient, agent: User) -> None:
    person = make_user()
    lock(person)
    assert lockout.is_locked(username=person.username)
    response = desk.post(f"{PEOPLE}{person.pk}/unlock/")
    assert response["Location"] == page_of(person)
    assert not lockout.is_locked(username=person.username)
    event = SecurityEvent.objects.get(event=Event.UNLOCKED)
    assert (event.user_id, event.by_id) == (person.pk, agent.pk)
    assert messages(desk, page_of(person)) == [f"{person} is unlocked and can log in now."]


def test_unlock_on_the_list_unlocks_all_that_are_ticked_and_no_others(desk: PortalClient) -> None:
    one, two, other = make_user(), make_user(), make_user()
    for person in (one, two, other):
        lock(person)
    desk.post(PEOPLE, {"action": "unlock", "_selected_action": [one.pk, two.pk]})
    assert not lockout.is_locked(username=one.username)
    assert not lockout.is_locked(username=two.username)
    assert lockout.is_locked(username=other.username)
    assert sorted(messages(desk)) == sorted(f"{person} is unlocked and can log in now." for person in (one, two))


def test_unlocking_who_is_not_locked_says_so_and_is_no_event(desk: PortalClient) -> None:
    person = make_user()
    desk.post(f"{PEOPLE}{person.pk}/unlock/")
    assert messages(desk) == [f"{person} had no wrong passwords to forget."]
    assert not SecurityEvent.objects.filter(event=Event.UNLOCKED).exists()


def test_the_recovery_email_is_sent_from_the_page_of_a_person(desk: PortalClient, agent: User) -> None:
    person = make_user(password=None)
    response = desk.post(f"{PEOPLE}{person.pk}/send_recovery_email/")
    assert response["Location"] == page_of(person)
    row = OutboxMessage.objects.get()
    assert (row.kind, row.about["users"]) == (Kind.RECOVERY, [person.pk])
    event = SecurityEvent.objects.get(event=Event.RECOVERY_EMAIL_SENT_BY_HELPDESK)
    assert (event.user_id, event.by_id) == (person.pk, agent.pk)
    assert messages(desk) == [f"The recovery email for {person} is on its way to the address on record."]


def test_the_recovery_email_is_sent_from_the_list(desk: PortalClient) -> None:
    one, two = make_user(), make_user()
    make_user()
    desk.post(PEOPLE, {"action": "send_recovery_email", "_selected_action": [one.pk, two.pk]})
    assert sorted(row.about["users"] for row in OutboxMessage.objects.all()) == [[one.pk], [two.pk]]


def test_a_recovery_email_that_can_have_no_link_is_announced_as_such(desk: PortalClient) -> None:
    person = make_user(is_active=False)
    desk.post(f"{PEOPLE}{person.pk}/send_recovery_email/")
    assert "It has no link" in messages(desk)[0]


def test_no_more_than_a_page_of_people_is_mailed_at_once(desk: PortalClient) -> None:
    for number in range(51):
        make_user(username=f"999MANY{number:02}")
    desk.post(PEOPLE, {"action": "send_recovery_email", "select_across": "1", "_selected_action": ["1"]})
    assert messages(desk) == ["No email was sent: choose at most 50 people at once."]
    assert not OutboxMessage.objects.exists()


@pytest.mark.parametrize(
    "facts", [{"is_active": False}, {"ends_on": datetime.date(2020, 1, 31)}, {"password": None}], ids=str
)
def test_nobody_is_said_to_get_in_who_cannot(desk: PortalClient, facts: dict[str, Any]) -> None:
    """Strangers lock any username, and agents tell callers what they read."""
    person = make_user(**facts)
    lock(person)
    desk.post(PEOPLE, {"action": "unlock", "_selected_action": [person.pk]})
    assert messages(desk) == [f"{person} is unlocked, but cannot log in with a password: their page says why."]


def test_an_agent_unlocks_ten_people_at_once_and_no_whole_organisation(desk: PortalClient) -> None:
    """Threat: the right to unlock many is a lead's, and leaves alone whom strangers have locked."""
    people = [make_user(username=f"999MANY{number:02}") for number in range(11)]
    for person in people:
        lock(person)
    for chosen in ({"select_across": "1", "_selected_action": ["1"]}, {"_selected_action": [p.pk for p in people]}):
        desk.post(PEOPLE, {"action": "unlock", **chosen})
        assert messages(desk) == ["Nobody was unlocked: choose at most 10 people at once. Leads can unlock many."]
    assert all(lockout.is_locked(username=person.username) for person in people)
    desk.post(PEOPLE, {"action": "unlock", "_selected_action": [person.pk for person in people[1:]]})
    assert [lockout.is_locked(username=person.username) for person in people] == [True, *[False] * 10]


@pytest.mark.parametrize("button", ["unlock", "send_recovery_email"])
def test_a_button_is_a_post_and_a_link_to_it_does_nothing(desk: PortalClient, button: str) -> None:
    person = make_user()
    lock(person)
    assert desk.get(f"{PEOPLE}{person.pk}/{button}/").status_code == 405
    assert lockout.is_locked(username=person.username)
    assert not OutboxMessage.objects.exists()
