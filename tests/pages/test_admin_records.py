"""The record of a person in the admin: add it, correct it."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from accounts.models import SecurityEvent, Session, User
from accounts.models.security_event import Event
from people.services import people
from tests.support.factories import make_organisation, make_user
from tests.support.helpdesk import PEOPLE, form_of, page_of
from tests.support.steps import PortalClient
from tests.support.steps import log_in as log_in_as

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


def errors(response: Any) -> dict[str, list[str]]:
    assert response.status_code == 200
    return {name: list(problems) for name, problems in response.context["adminform"].form.errors.items()}


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
        ("given_name", "https://evil.example", "looks like a web or email address"),
        ("family_name", "jo@nhs.net", "looks like a web or email address"),
        ("employee_number", "1234567", "eight digits"),
        ("new_date_of_birth", "", "Fill this in."),
        ("new_date_of_birth", "31/2/1984", "There is no such day"),
        ("new_date_of_birth", "15/3/84", "The year has two digits"),
        ("new_date_of_birth", "15/3/2984", "in the future"),
        ("given_name", "", "Fill this in."),
        ("given_name", "a\u202eb", "invisible character"),
        ("person_type", "boss", "not one of the choices"),
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


def test_a_volunteer_who_becomes_staff_needs_an_address_of_the_organisation(desk: PortalClient) -> None:
    person = make_user(person_type="volunteer", email="jo@gmail.com")
    assert "Only volunteers" in str(errors(change(desk, person, person_type="staff"))["person_type"])


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
    people.change(person=as_read_before, by=agent)
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
    response = change(desk, person, new_date_of_birth="16/4/1985", employee_number="1234")
    assert errors(response)["new_date_of_birth"] == ["Type the date of birth again: it is not shown."]
    assert b"16/4/1985" not in response.content
