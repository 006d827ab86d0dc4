"""What the facts about a person may be."""

from __future__ import annotations

import datetime

import pytest

from accounts.identifiers import normalise_email
from accounts.models.user import PersonType
from people.services import person_facts
from tests.support.factories import make_organisation, make_user

DOMAINS = frozenset({"nhs.net", "trust.nhs.uk"})
TODAY = datetime.date(2026, 11, 22)


@pytest.mark.parametrize("person_type", ["staff", "student", "contractor"])
@pytest.mark.parametrize(
    ("typed", "is_right"),
    [
        ("jo@nhs.net", True),
        (" Jo@NHS.net ", True),
        ("jo@trust.nhs.uk", True),
        ("jo@ward.trust.nhs.uk", False),
        ("jo@nhs.net.example.com", False),
        ("jo@xnhs.net", False),
        ("jo@nhs.uk", False),
        ('"jo@nhs.net"@example.com', False),
        ("jo@example.com@nhs.net", False),
        ("jo@gmail.com", False),
        ("jo", False),
        ("", False),
    ],
)
def test_all_but_volunteers_have_an_address_at_exactly_a_domain_of_the_organisation(
    person_type: str, typed: str, is_right: bool
) -> None:
    """Threat: recovery mails go to an address that only looks like the organisation's."""
    problem = person_facts.email_problem(email=normalise_email(typed), person_type=person_type, domains=DOMAINS)
    assert (problem == "") is is_right


def test_a_volunteer_may_have_any_valid_address() -> None:
    def problem(email: str) -> str:
        return person_facts.email_problem(email=email, person_type=PersonType.VOLUNTEER, domains=DOMAINS)

    assert problem("jo@gmail.com") == problem("jo@nhs.net") == ""
    assert "not an email address" in problem("jo at gmail.com")
    assert "not an email address" in problem("jo@localhost")
    assert "254" in problem("a@" + ".".join(["b" * 60] * 5) + ".uk")


def test_an_organisation_without_domains_says_so() -> None:
    problem = person_facts.email_problem(email="jo@nhs.net", person_type=PersonType.STAFF, domains=())
    assert "no email domains yet" in problem


@pytest.mark.parametrize(("number", "is_right"), [("10000001", True), ("00000001", True), ("1000000", False)])
def test_an_esr_number_has_eight_digits(number: str, is_right: bool) -> None:
    assert (person_facts.employee_number_problem(employee_number=number) == "") is is_right


@pytest.mark.parametrize("number", ["", "1000000A", "１００００００１", "100000011", "1000 001", "10000001\n"])
def test_an_esr_number_is_nothing_else(number: str) -> None:
    assert (
        person_facts.employee_number_problem(employee_number=number) == "An ESR number is eight digits, like 10000001."
    )


def test_lost_zeros_are_put_down_to_the_spreadsheet() -> None:
    assert "spreadsheet" in person_facts.employee_number_problem(employee_number="1234")


@pytest.mark.parametrize(
    ("day", "says"),
    [
        (datetime.date(2026, 11, 23), "future"),
        (datetime.date(1899, 12, 31), "before 1900"),
        (datetime.date(2012, 11, 23), "younger than 14"),
        (datetime.date(2012, 11, 22), ""),
        (datetime.date(1900, 1, 1), ""),
    ],
)
def test_a_date_of_birth_is_that_of_somebody_who_can_be_employed(day: datetime.date, says: str) -> None:
    problem = person_facts.date_of_birth_problem(date_of_birth=day, today=TODAY)
    assert says in problem
    assert bool(problem) is bool(says)


def test_somebody_born_on_the_29th_of_february_is_fourteen_a_day_later() -> None:
    born = datetime.date(2012, 2, 29)
    assert person_facts.date_of_birth_problem(date_of_birth=born, today=datetime.date(2026, 2, 28))
    assert not person_facts.date_of_birth_problem(date_of_birth=born, today=datetime.date(2026, 3, 1))


def test_the_last_day_may_be_the_first_and_not_before() -> None:
    day = datetime.timedelta(days=1)
    assert not person_facts.last_day_problem(starts_on=TODAY, ends_on=TODAY)
    assert not person_facts.last_day_problem(starts_on=None, ends_on=TODAY)
    assert not person_facts.last_day_problem(starts_on=TODAY, ends_on=None)
    assert "before the first" in person_facts.last_day_problem(starts_on=TODAY, ends_on=TODAY - day)


@pytest.mark.parametrize("name", ["Jo", "O'Brien", "Nguyễn", "王", "-", "نی\u200cنا", "<b>Jo</b>", "x" * 100])
def test_a_name_may_be_anything_that_can_be_printed(name: str) -> None:
    assert person_facts.name_problem(name=name) == ""


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("", "Missing"),
        ("x" * 101, "at most 100"),
        ("J\0o", "U+0000"),
        ("Jo\nSmith", "U+000A"),
        ("Jo\u202eSmith", "U+202E"),
        ("Jo\u2028Smith", "U+2028"),
        ("Jo\udce9", "U+DCE9"),
    ],
)
def test_a_name_has_nothing_invisible_in_it(name: str, says: str) -> None:
    assert says in person_facts.name_problem(name=name)


@pytest.mark.parametrize(
    "name",
    [
        "https://evil.example/" + "x" * 79,
        "HTTP://EVIL.EXAMPLE",
        "http:evil",
        "Jo (https://evil.example)",
        "ftp://evil",
        "mailto:jo",
        "tel:0190123456",
        "javascript:alert(1)",
        "www.evil",
        "see WWW.evil.ru",
        "evil.com",
        "evil.co.uk now",
        "EVIL.NHS.UK",
        "bit.ly/3x",
        "evil.ru/",
        "evil.ru?x",
        "evil.ru:80",
        "xn--evl-1ma.example",
        "192.0.2.7",
        "jo.smith@nhs.net",
        "@jo",
        "jo\uff20nhs",
        "evil\uff0ecom",
        "evil\u3002com",
        "evil\uff61com",
        "ｅｖｉｌ．ｃｏｍ",
        "https\uff1a\uff0f\uff0fevil",
        "ev\u200cil.c\u200dom",
        "\\\\evil\\share",
    ],
)
def test_a_name_is_no_address(name: str) -> None:
    """Threat: a name that a mail program shows as a link, under our letterhead."""
    assert "looks like a web or email address" in person_facts.name_problem(name=name)


@pytest.mark.parametrize(
    "name",
    [
        "J.R.",
        "J.R.R.",
        "St. John",
        "St.John",
        "Md.Rahman",
        "Md.Abdul.Karim",
        "Ma.Teresa",
        "Jo.Li",
        "Smith Jr.",
        "S:son",
        "Kaur/Singh",
        "A/P Raman",
        "Netta",
        "Uk",
        "Kim Uk",
        "Org",
        "Data",
        "Tel",
        "Www",
        "Comfort",
        "Dr.Comfort",
        "王。",
        "·",
        "Gil·la",
    ],
)
def test_a_name_may_have_full_stops_and_colons(name: str) -> None:
    assert person_facts.name_problem(name=name) == ""


def test_a_name_is_stored_composed_and_without_outer_blanks() -> None:
    assert person_facts.tidy_name("  Zoe\u0308 ") == "Zo\u00eb"


@pytest.mark.django_db
def test_an_ordinary_person_has_no_problems() -> None:
    assert person_facts.problems(person=make_user()) == {}


@pytest.mark.django_db
def test_every_problem_of_a_person_is_found_at_once() -> None:
    person = make_user(organisation=make_organisation())
    person.given_name, person.family_name = "", "\0"
    person.email, person.employee_number, person.person_type = "jo@example.org", "1", "boss"
    person.date_of_birth = datetime.date(1066, 10, 14)
    person.starts_on, person.ends_on = datetime.date(206, 1, 1), datetime.date(205, 1, 1)
    assert set(person_facts.problems(person=person)) == {
        "given_name",
        "family_name",
        "email",
        "employee_number",
        "person_type",
        "date_of_birth",
        "starts_on",
        "ends_on",
    }
