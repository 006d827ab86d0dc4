"""The list of people in the admin: find one by what a caller says."""

from __future__ import annotations

import datetime

import pytest
from bs4 import BeautifulSoup
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import DeviceCookie, User
from accounts.services import lockout, log_in
from helpdesk import lock_state
from tests.support.factories import make_organisation, make_user
from tests.support.helpdesk import PEOPLE, at_work, lock, make_agent, make_operator, text
from tests.support.steps import PortalClient
from tests.support.travel import Travel

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def found(client: PortalClient, **query: str) -> set[str]:
    """Return the usernames on the list."""
    response = client.get(PEOPLE, query)
    assert response.status_code == 200
    return {cell.get_text() for cell in BeautifulSoup(response.content, "html.parser").select(".field-username")}


@pytest.mark.parametrize(
    "typed",
    [
        "999JDOE01",
        "999jdoe",
        " 999JDOE01 ",
        "Doe",
        "jane",
        "Jane Doe",
        "doe JANE",
        "JDOE",
        "jane.doe@nhs.net",
        "Jane.Doe@",
        "jane.doe",
        "87654321",
        "8765",
        "Smith-D",
        "\u202eDoe\u202c",
    ],
)
def test_a_person_is_found_by_name_username_esr_number_and_email(desk: PortalClient, typed: str) -> None:
    make_user(
        username="999JDOE01",
        given_name="Jane",
        family_name="Smith-Doe",
        email="jane.doe@nhs.net",
        employee_number="87654321",
    )
    make_user(username="999BEASY01", given_name="Bob", family_name="Easy", email="b.easy@nhs.net")
    assert found(desk, q=typed) == {"999JDOE01"}


@pytest.mark.parametrize("typed", ["Nobody", "999JDOE02", "john@nhs.net", "%", "_", "' OR 1=1 --", "😀", "zq " * 500])
def test_what_fits_nobody_finds_nobody(desk: PortalClient, typed: str) -> None:
    make_user(username="999JDOE01")
    assert found(desk, q=typed) == set()


def test_the_list_says_who_may_enter_and_who_is_locked(desk: PortalClient) -> None:
    locked = make_user(family_name="Locked")
    lock(locked)
    until = lockout.locked_until(username=locked.username)
    assert until is not None
    listed = text(desk, f"{PEOPLE}?q=Locked")
    assert "Northern Test Hospitals (999)" in listed
    assert "Staff" in listed
    assert "until " in listed


def test_the_filters_find_who_may_not_enter(desk: PortalClient, agent: User) -> None:
    day = datetime.timedelta(days=1)
    today = timezone.localdate()
    inactive = make_user(is_active=False)
    ended = make_user(ends_on=today - day)
    later = make_user(starts_on=today + day)
    last_day = make_user(starts_on=today, ends_on=today)
    assert found(desk, in_force="inactive") == {inactive.username}
    assert found(desk, in_force="ended") == {ended.username}
    assert found(desk, in_force="later") == {later.username}
    assert found(desk, in_force="yes") == {last_day.username, agent.username}


def test_the_filter_of_the_locked_finds_those_who_are_locked_now(desk: PortalClient) -> None:
    lock(make_user(username="999LOCKED01"))
    unlocked = make_user(username="999FREE01")
    lock(unlocked)
    lockout.unlock(user=unlocked, by=None)
    assert found(desk, locked="now") == {"999LOCKED01"}


def test_the_filter_of_the_locked_finds_a_lock_in_one_browser(desk: PortalClient) -> None:
    person = make_user()
    for _ in range(lockout.LIMIT):
        log_in.check_password(username=person.username, password="wrong", browser="b" * 64)
    assert found(desk, locked="now") == {person.username}


def test_the_filter_of_the_locked_finds_for_good_a_lock_in_their_own_browser_that_does_not_end(travel: Travel) -> None:
    """No event of the last days leads to it, and the daily work carries no such counter over to the person."""
    person, browser = make_user(), "b" * 64
    device = DeviceCookie.objects.create(user=person, digest=browser, password_digest="x")
    for _ in range(2):
        for _ in range(lockout.LIMIT):
            log_in.check_password(username=person.username, password="wrong", browser=browser)
        travel(minutes=20)
    travel(days=5)
    lockout.delete_forgotten()
    assert found(at_work(make_agent()), locked="now") == {person.username}
    device.delete()
    assert found(at_work(make_agent()), locked="now") == set()


def test_an_attack_on_another_organisation_takes_none_off_the_list_of_the_locked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lock_state, "MOST_LOCKED", 2)
    ours, agent = make_user(username="999LOCKED01"), make_agent()
    lock(ours)
    elsewhere = make_organisation(code="111", name="Southern", domain="south.nhs.uk")
    others = [make_user(organisation=elsewhere) for _ in range(3)]
    for other in others:
        lock(other)
    assert found(at_work(agent), locked="now") == {"999LOCKED01"}
    seen = found(at_work(make_operator()), locked="now")
    assert len(seen) == 2
    assert seen < {other.username for other in others}


def test_an_operator_chooses_an_organisation(agent: User) -> None:
    elsewhere = make_organisation(code="111", name="Southern", domain="south.nhs.uk")
    there = make_user(username="111THERE01", organisation=elsewhere)
    desk = at_work(make_operator())
    assert there.username in found(desk)
    assert found(desk, organisation=str(elsewhere.pk)) == {"111THERE01"}
    assert found(desk, organisation=str(elsewhere.pk), q="999") == set()
    assert found(desk, organisation="12345678") == found(desk, organisation="no number") == set()
    page = desk.get(PEOPLE, {"q": "111", "person_type__exact": "staff"}).content.decode()
    form = BeautifulSoup(page, "html.parser").select_one("form.helpdesk-filter")
    assert form is not None
    kept = {str(box["name"]): str(box["value"]) for box in form.select("input[type=hidden]")}
    assert kept == {"q": "111", "person_type__exact": "staff"}


def test_an_operator_finds_who_else_is_at_work(agent: User) -> None:
    operator = make_operator(username="999OPER01")
    make_user()
    desk = at_work(operator)
    assert found(desk, role="any") == {"999AGENT01", "999OPER01"}
    assert found(desk, role="national_admin") == {"999OPER01"}


def test_the_list_asks_the_database_as_often_for_fifty_people_as_for_two(
    desk: PortalClient, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(60):
        person = make_user(username=f"999MANY{number:02}")
        if number % 2:
            lockout.record_failure(username=person.username)
    for query in ({}, {"q": "MANY"}, {"in_force": "yes", "person_type__exact": "staff"}):
        with django_assert_max_num_queries(9):
            response = desk.get(PEOPLE, query)
        assert response.content.count(b"999MANY") >= 49
