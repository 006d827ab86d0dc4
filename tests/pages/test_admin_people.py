"""The pages of people in the admin: find one, see why they cannot get in, press a button, correct the record."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import FormerEmail, OutboxMessage, SecurityEvent, Session, User
from accounts.models.outbox import Kind
from accounts.models.security_event import Event
from accounts.services import browsers, events, lockout, log_in, records
from tests.factories import make_organisation, make_user
from tests.helpdesk import PEOPLE, at_work, form_of, make_agent, make_operator, page_of
from tests.steps import PortalClient
from tests.steps import log_in as log_in_as

pytestmark = pytest.mark.django_db

NEW = {
    "given_name": "Siân",
    "family_name": "Ó Brien",
    "email": "Sian.OBrien@nhs.net",
    "new_date_of_birth": "15/3/1984",
    "employee_number": "20000001",
    "person_type": "staff",
    "is_active": "on",
}


@pytest.fixture
def agent() -> User:
    return make_agent(username="999AGENT01")


@pytest.fixture
def desk(agent: User) -> PortalClient:
    """Return the browser of somebody at the helpdesk."""
    return at_work(agent)


def lock(person: User) -> None:
    for _ in range(lockout.LIMIT):
        lockout.record_failure(username=person.username)
    events.record(event=Event.LOCKED, user_id=person.pk)


def text(client: PortalClient, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    main = BeautifulSoup(response.content, "html5lib").select_one("main")
    assert main is not None
    return " ".join(main.get_text(" ").split())


def found(client: PortalClient, **query: str) -> set[str]:
    """Return the usernames on the list."""
    response = client.get(PEOPLE, query)
    assert response.status_code == 200
    return {cell.get_text() for cell in BeautifulSoup(response.content, "html5lib").select(".field-username")}


def messages(client: PortalClient, address: str = PEOPLE) -> list[str]:
    page = BeautifulSoup(client.get(address).content, "html5lib")
    return [" ".join(message.get_text().split()) for message in page.select(".messagelist li")]


def errors(response: Any) -> dict[str, list[str]]:
    assert response.status_code == 200
    return {name: list(problems) for name, problems in response.context["adminform"].form.errors.items()}


# Finding somebody -----------------------------------------------------------------------------------------------------


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


def test_an_operator_chooses_an_organisation(agent: User) -> None:
    elsewhere = make_organisation(code="111", name="Southern", domain="south.nhs.uk")
    there = make_user(username="111THERE01", organisation=elsewhere)
    desk = at_work(make_operator())
    assert there.username in found(desk)
    assert found(desk, organisation=str(elsewhere.pk)) == {"111THERE01"}
    assert found(desk, organisation=str(elsewhere.pk), q="999") == set()
    assert found(desk, organisation="12345678") == found(desk, organisation="no number") == set()
    page = desk.get(PEOPLE, {"q": "111", "person_type__exact": "staff"}).content.decode()
    form = BeautifulSoup(page, "html5lib").select_one("form.helpdesk-filter")
    assert form is not None
    kept = {str(box["name"]): str(box["value"]) for box in form.select("input[type=hidden]")}
    assert kept == {"q": "111", "person_type__exact": "staff"}


def test_an_operator_finds_who_else_is_at_work(agent: User) -> None:
    operator = make_operator(username="999OPER01")
    make_user()
    desk = at_work(operator)
    assert found(desk, rights="helpdesk") == {"999AGENT01", "999OPER01"}
    assert found(desk, rights="operator") == {"999OPER01"}


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


# Why they cannot get in -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ({}, "Can get in: Yes"),
        ({"is_active": False}, "No: not active"),
        ({"ends_on": datetime.date(2020, 1, 31)}, "No: their last day was 31 January 2020"),
        ({"starts_on": datetime.date(2999, 1, 31)}, "No: their first day is 31 January 2999"),
        ({"password": None}, "Not yet: they have no password. Send the recovery email."),
        ({"password": None, "care_identity_only": True}, "With Care Identity only"),
        ({"must_change_password": True}, "Yes, and must set a new password at the next log-in"),
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
    client.defaults["HTTP_USER_AGENT"] = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit Chrome/140 Safari/537"
    log_in_as(client, person)
    assert f"{timezone.localdate().year} at " in text(desk, page_of(person))
    assert "Chrome on Windows" in text(desk, page_of(person))


def test_the_page_leads_to_what_happened(desk: PortalClient) -> None:
    person, other = make_user(), make_user()
    lock(person)
    lock(other)
    link = BeautifulSoup(desk.get(page_of(person)).content, "html5lib").select_one(".field-events a")
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
    with django_assert_max_num_queries(14):
        desk.get(page_of(person))


# The two buttons ------------------------------------------------------------------------------------------------------


def test_unlock_on_the_page_of_a_person_lifts_every_lock(desk: PortalClient, agent: User) -> None:
    person = make_user()
    lock(person)
    browser = browsers.known_browser(username=person.username, marks={})
    assert lockout.is_locked(username=person.username, browser=browser)
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


@pytest.mark.parametrize("button", ["unlock", "send_recovery_email"])
def test_a_button_is_a_post_and_a_link_to_it_does_nothing(desk: PortalClient, button: str) -> None:
    person = make_user()
    lock(person)
    assert desk.get(f"{PEOPLE}{person.pk}/{button}/").status_code == 405
    assert lockout.is_locked(username=person.username)
    assert not OutboxMessage.objects.exists()


# Adding somebody ------------------------------------------------------------------------------------------------------


def test_a_new_person_gets_the_next_username_and_no_password(desk: PortalClient, agent: User) -> None:
    make_user(username="999SOBRIEN01")
    response = desk.post(f"{PEOPLE}add/", {**NEW, "organisation": agent.organisation_id})
    assert response.status_code == 302
    person = User.objects.get(employee_number="20000001")
    assert (person.username, person.email) == ("999SOBRIEN02", "sian.obrien@nhs.net")
    assert person.date_of_birth == datetime.date(1984, 3, 15)
    assert not person.has_usable_password()
    event = SecurityEvent.objects.get(event=Event.PERSON_ADDED)
    assert (event.user_id, event.by_id) == (person.pk, agent.pk)


@pytest.mark.parametrize(
    ("field", "typed", "says"),
    [
        ("email", "sian@gmail.com", "Only volunteers may have any address"),
        ("email", "not an address", "Enter a valid email address"),
        ("employee_number", "1234567", "eight digits"),
        ("new_date_of_birth", "", "This field is required"),
        ("new_date_of_birth", "31/2/1984", "There is no such day"),
        ("new_date_of_birth", "15/3/84", "The year has two digits"),
        ("new_date_of_birth", "15/3/2984", "in the future"),
        ("given_name", "", "This field is required"),
        ("given_name", "a\u202eb", "invisible character"),
        ("person_type", "boss", "not one of the available choices"),
        ("ends_on", "1/1/1800", "before 1900"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(
    desk: PortalClient, agent: User, field: str, typed: str, says: str
) -> None:
    response = desk.post(f"{PEOPLE}add/", {**NEW, "organisation": agent.organisation_id, field: typed})
    assert says in " ".join(errors(response)[field])
    assert not User.objects.filter(employee_number="20000001").exists()


def test_a_volunteer_may_have_any_address(desk: PortalClient, agent: User) -> None:
    typed = {**NEW, "organisation": agent.organisation_id, "email": "sian@gmail.com", "person_type": "volunteer"}
    assert desk.post(f"{PEOPLE}add/", typed).status_code == 302


def test_an_esr_number_is_taken_once_an_organisation(desk: PortalClient, agent: User) -> None:
    make_user(employee_number="20000001")
    response = desk.post(f"{PEOPLE}add/", {**NEW, "organisation": agent.organisation_id})
    assert errors(response)["employee_number"] == ["Somebody else at this organisation has this ESR number."]


def test_the_esr_number_of_another_organisation_is_free(desk: PortalClient, agent: User) -> None:
    make_user(
        username="111OTHER01",
        employee_number="20000001",
        organisation=make_organisation(code="111", name="Southern"),
    )
    assert desk.post(f"{PEOPLE}add/", {**NEW, "organisation": agent.organisation_id}).status_code == 302


# Correcting a record --------------------------------------------------------------------------------------------------


def change(client: PortalClient, person: User, **typed: Any) -> Any:
    return client.post(page_of(person), form_of(person, **typed))


def what_changed(person: User) -> list[str]:
    changes = SecurityEvent.objects.filter(user=person, event=Event.PERSON_CHANGED)
    return list(changes.order_by("pk").values_list("reason", flat=True))


def test_a_correction_is_stored_and_written_down_field_by_field(desk: PortalClient, agent: User) -> None:
    person = make_user()
    assert change(desk, person, family_name="Jones", ends_on="31/12/2999").status_code == 302
    person.refresh_from_db()
    assert (person.family_name, person.ends_on) == ("Jones", datetime.date(2999, 12, 31))
    assert what_changed(person) == ["family_name", "ends_on"]
    assert set(SecurityEvent.objects.filter(user=person).values_list("by", flat=True)) == {agent.pk}


def test_saving_without_a_change_is_no_event(desk: PortalClient) -> None:
    person = make_user()
    assert change(desk, person).status_code == 302
    assert what_changed(person) == []


def test_a_new_email_address_is_told_to_it_and_to_the_former_one(desk: PortalClient) -> None:
    person = make_user(email="former@nhs.net")
    assert change(desk, person, email="Newer@nhs.net").status_code == 302
    person.refresh_from_db()
    assert person.email == "newer@nhs.net"
    former = FormerEmail.objects.get()
    assert (former.user_id, former.email) == (person.pk, "former@nhs.net")
    told = [row.about for row in OutboxMessage.objects.filter(kind=Kind.EMAIL_CHANGED).order_by("created_at")]
    assert told == [{"users": [person.pk], "former_email": former.pk}, {"users": [person.pk]}]
    assert "nhs.net" not in str(told)


def test_an_address_outside_the_domains_is_refused_on_a_correction_too(desk: PortalClient) -> None:
    person = make_user()
    assert "Only volunteers" in str(errors(change(desk, person, email="jo@gmail.com"))["email"])


def test_a_volunteer_who_becomes_staff_needs_an_address_of_the_organisation(desk: PortalClient) -> None:
    person = make_user(person_type="volunteer", email="jo@gmail.com")
    assert "Only volunteers" in str(errors(change(desk, person, person_type="staff"))["email"])


def test_an_old_fault_elsewhere_does_not_keep_a_leaver_in(desk: PortalClient) -> None:
    person = make_user(email="jo@domain-that-is-gone.nhs.uk")
    assert change(desk, person, is_active=False).status_code == 302
    person.refresh_from_db()
    assert not person.is_active


def test_deactivation_ends_sessions_at_once(desk: PortalClient, client: PortalClient) -> None:
    person = make_user()
    log_in_as(client, person)
    assert client.get("/my-esr/").status_code == 200
    change(desk, person, is_active=False)
    assert not Session.objects.filter(user_id=person.pk).exists()
    assert client.get("/my-esr/").status_code == 302
    assert what_changed(person) == ["is_active_off"]


def test_a_last_day_in_the_past_ends_sessions_at_once(desk: PortalClient, client: PortalClient) -> None:
    person = make_user()
    log_in_as(client, person)
    change(desk, person, ends_on="1/1/2020")
    assert client.get("/my-esr/").status_code == 302


def test_must_change_works_on_the_session_that_is_open(desk: PortalClient, client: PortalClient) -> None:
    person = make_user()
    log_in_as(client, person)
    change(desk, person, must_change_password=True)
    assert client.get("/my-esr/")["Location"] == "/change-password/"


def test_a_correction_does_not_write_back_a_password_that_was_set_meanwhile(agent: User) -> None:
    person = make_user()
    as_read_before = User.objects.get(pk=person.pk)
    User.objects.filter(pk=person.pk).update(password="!set meanwhile")
    as_read_before.family_name = "Jones"
    records.change(person=as_read_before, by=agent)
    person.refresh_from_db()
    assert (person.password, person.family_name) == ("!set meanwhile", "Jones")


def test_the_esr_number_of_somebody_else_is_refused_on_a_correction(desk: PortalClient) -> None:
    make_user(employee_number="20000001")
    person = make_user()
    response = change(desk, person, employee_number="20000001")
    assert errors(response)["employee_number"] == ["Somebody else at this organisation has this ESR number."]


def test_a_date_of_birth_is_replaced_and_an_empty_box_leaves_it(desk: PortalClient) -> None:
    person = make_user(date_of_birth=datetime.date(1970, 1, 1))
    change(desk, person, new_date_of_birth="")
    person.refresh_from_db()
    assert person.date_of_birth == datetime.date(1970, 1, 1)
    change(desk, person, new_date_of_birth="15/3/1984")
    person.refresh_from_db()
    assert person.date_of_birth == datetime.date(1984, 3, 15)
    assert what_changed(person) == ["date_of_birth"]


def test_a_date_of_birth_typed_beside_another_fault_is_asked_for_again(desk: PortalClient) -> None:
    person = make_user()
    response = change(desk, person, new_date_of_birth="16/4/1985", email="jo@gmail.com")
    assert errors(response)["new_date_of_birth"] == ["Type the date of birth again: it is not shown."]
    assert b"16/4/1985" not in response.content
