"""Finding the person who calls."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import pytest
from bs4 import BeautifulSoup
from django.utils import timezone

from accounts.models import CareIdentity, RecoveryRequest, SecurityEvent
from accounts.models.security_event import Event
from accounts.services import recovery
from helpdesk import desk_addresses, finding
from tests.support.factories import DATE_OF_BIRTH, make_organisation, make_user
from tests.support.helpdesk import at_work, lock, make_agent, make_operator

if TYPE_CHECKING:
    from accounts.models import User
    from tests.support.steps import PortalClient

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

FIND = "/admin/desk/"


def page_of_search(desk: PortalClient, typed: str) -> BeautifulSoup:
    response = desk.get(FIND, {"q": typed})
    assert response.status_code == 200, typed
    return BeautifulSoup(response.content, "html.parser")


def leads_to(desk: PortalClient, typed: str) -> str:
    """Return where a search leads that one person fits."""
    response = desk.get(FIND, {"q": typed})
    assert response.status_code == 302, typed
    return str(response["Location"])


def logged_in(person: User, *, days_ago: int) -> None:
    at = timezone.now() - datetime.timedelta(days=days_ago)
    SecurityEvent.objects.create(event=Event.LOGGED_IN, user=person, at=at)


def test_the_only_person_who_fits_is_shown_at_once_however_it_is_typed() -> None:
    person = make_user(given_name="Seán", family_name="O’Brien", username="999SOBRIEN07", employee_number="20041177")
    CareIdentity.objects.create(user=person, uid="555512345678")
    desk = at_work(make_agent(family_name="Agent"))
    typed = ("O'Brien, Sean", "sean obrien", "SEÁN O’BRIEN", "999 sobrien07", "2004 1177", "20041177", person.email)
    for words in (*typed, "5555 1234 5678", f" {person.email.upper()} "):
        assert leads_to(desk, words) == desk_addresses.of_person(key=person.pk), words


def test_a_reference_leads_to_the_person_as_it_is_read_out() -> None:
    person, desk = make_user(), at_work(make_agent(family_name="Agent"))
    reference = recovery.ask(email=person.email, date_of_birth=DATE_OF_BIRTH)
    read_out = (reference, reference.lower(), reference.replace("-", " "), reference.replace("-", "–"))
    address = desk_addresses.of_person(key=person.pk)
    assert [leads_to(desk, typed) for typed in read_out] == [address] * 4
    recovery.decide(request_id=RecoveryRequest.objects.get(reference=reference).pk)
    assert leads_to(desk, " ".join(reference)) == address
    looked_up = SecurityEvent.objects.filter(event=Event.RECOVERY_LOOKED_UP, reference=reference)
    assert looked_up.count() == 5


def test_a_number_or_a_name_that_could_be_a_reference_is_not_recorded_as_one() -> None:
    desk = at_work(make_agent(family_name="Agent"))
    for typed in ("87654321", "Hartnett"):
        page_of_search(desk, typed)
    assert not SecurityEvent.objects.filter(event=Event.RECOVERY_LOOKED_UP).exists()
    person = make_user()
    recovery.ask(email=person.email, date_of_birth=DATE_OF_BIRTH)
    for typed in ("87654321", "HART-NETT"):
        RecoveryRequest.objects.update(reference=f"{typed[:4]}-{typed[-4:]}")
        assert leads_to(desk, typed) == desk_addresses.of_person(key=person.pk), typed
    # Crockford's base 32 has neither O nor I nor L: they are what a person reads for 0 and 1.
    RecoveryRequest.objects.update(reference="7K0M-1QX1")
    assert leads_to(desk, "7kom iqxl") == desk_addresses.of_person(key=person.pk)
    assert SecurityEvent.objects.filter(event=Event.RECOVERY_LOOKED_UP).count() == 3


def test_ten_are_shown_and_those_who_were_in_last_come_first() -> None:
    people = [make_user(given_name="Ann", family_name=f"Evans{'abcdefghijkl'[n]}") for n in range(12)]
    logged_in(people[11], days_ago=3)
    logged_in(people[4], days_ago=1)
    logged_in(people[4], days_ago=9)
    desk = at_work(make_agent(family_name="Agent"))
    page = page_of_search(desk, "evans")
    names = [link.get_text() for link in page.select("tbody a")]
    assert names[:4] == ["Ann Evanse", "Ann Evansl", "Ann Evansa", "Ann Evansb"]
    assert len(names) == finding.MOST_SHOWN
    assert "More than 10 people fit" in page.get_text()
    assert "Type more to see fewer" in page.get_text()
    box = page.select_one("input[name=q]")
    assert box
    assert box["value"] == "evans"
    assert box.has_attr("autofocus")


def test_where_very_many_fit_the_page_does_not_say_that_these_were_in_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "MOST_COMPARED", 11)
    for _ in range(12):
        make_user(family_name="Evans")
    page = page_of_search(at_work(make_agent(family_name="Agent")), "evans")
    assert "More than 11 people fit: these are 10 of them" in page.get_text()


def test_each_says_in_a_few_words_whether_they_can_get_in(django_assert_num_queries: object) -> None:
    today = timezone.localdate()
    day = datetime.timedelta(days=1)
    people = {
        "Yes": make_user(given_name="A"),
        "Not active": make_user(given_name="B", is_active=False),
        "Ended": make_user(given_name="C", ends_on=today - day),
        "Starts later": make_user(given_name="D", starts_on=today + day),
        "No password yet": make_user(given_name="E", password=None),
        "No card linked": make_user(given_name="F", password=None, care_identity_only=True),
        "Must change password": make_user(given_name="G", must_change_password=True),
        "Password frozen": make_user(given_name="H", password_frozen_at=timezone.now()),
        "Locked until": make_user(given_name="I"),
    }
    lock(people["Locked until"])
    agent = make_agent(family_name="Agent")
    with django_assert_num_queries(4):  # type: ignore[operator]
        found = finding.find(typed="smith", by=agent).found
    said = {each.person.pk: each.getting_in for each in found}
    assert len(said) == len(people)
    for words, person in people.items():
        assert said[person.pk].startswith(words), words


def test_it_says_that_a_password_is_dormant() -> None:
    make_user()
    make_user(dormant_since=timezone.now())
    page = page_of_search(at_work(make_agent(family_name="Agent")), "smith")
    assert "Password dormant" in page.get_text()


def test_an_operator_sees_all_and_whose_they_are() -> None:
    make_user()
    elsewhere = make_organisation(code="111", name="Southern Elsewhere", domain="south.nhs.uk")
    make_user(organisation=elsewhere, email="jo@south.nhs.uk")
    page = page_of_search(at_work(make_operator(family_name="Operator")), "smith")
    assert "Southern Elsewhere" in page.get_text()
    assert "Northern Test Hospitals" in page.get_text()


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("nobody@nhs.net", "Ask which address ESR has"),
        ("1234567", "A whole one has 8 numbers"),
        ("123456789", "An ESR number has 8 numbers, and a Care Identity 12"),
        ("12345678", "No person has this ESR number"),
        ("555500001111", "This Care Identity is linked to no person"),
        ("7K3M-9QXT", "There is no request with this reference"),
        ("999ZZTOP01", "No username begins so"),
        ("zz7", "No name has a number in it"),
        ("zebedee zugzwang", "Type fewer words"),
        ("zugzwang", "Type the first letters alone"),
        ("’", "Type the first letters alone"),
        ("x" * 300, "longer than anything on record"),
        ("x" * 1200, "longer than anything on record"),
    ],
)
def test_where_none_fits_the_page_says_what_to_try(typed: str, says: str) -> None:
    page = page_of_search(at_work(make_agent(family_name="Agent")), typed)
    assert says in page.get_text()
    if len(typed) <= 1000:
        assert "another organisation" in page.get_text()
    assert page.select_one("input[name=q]")["value"] == typed  # type: ignore[index]


def test_nothing_typed_is_an_empty_box() -> None:
    desk = at_work(make_agent())
    for address in (FIND, f"{FIND}?q=", f"{FIND}?q=+++"):
        page = BeautifulSoup(desk.get(address).content, "html.parser")
        assert not page.select("table, .nhsuk-inset-text, .nhsuk-error-summary"), address


def test_the_start_page_of_the_tables_begins_with_the_box() -> None:
    page = BeautifulSoup(at_work(make_agent()).get("/admin/").content, "html.parser")
    form = page.select_one(f'main form[action="{FIND}"]')
    assert form
    assert form.select_one("input[name=q][autofocus]")
