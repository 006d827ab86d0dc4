"""What a file of people may look like, and what is told of one that cannot be imported."""

from __future__ import annotations

import datetime

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Organisation, SecurityEvent, User
from people.services import people_import
from people.services.people_import import reading
from tests.support.factories import make_organisation, make_user
from tests.support.people_files import ANN, HEADING, JO, faults, faults_in, jo, run, run_bytes

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def organisation() -> Organisation:
    return make_organisation()


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["unix", "windows", "macintosh"])
def test_line_ends_do_not_matter(end: str) -> None:
    assert run(JO, ANN, end=end).added == 2


def test_a_byte_order_mark_does_not_matter() -> None:
    assert run_bytes(f"\ufeff{HEADING}\r\n{JO}\r\n".encode()).added == 1


def test_the_last_line_need_not_end() -> None:
    assert run_bytes(f"{HEADING}\n{JO}".encode()).added == 1


@pytest.mark.parametrize("separator", [";", "\t"], ids=["semicolons", "tabs"])
def test_a_spreadsheet_may_separate_otherwise(separator: str) -> None:
    assert run_bytes(f"{HEADING}\n{JO}\n".replace(",", separator).encode()).added == 1


def test_columns_may_stand_in_any_order_and_be_written_otherwise() -> None:
    heading = "Person Type, EMAIL ,date-of-birth,Family name,given_name,Employee_Number,Organisation"
    assert run("Staff,jo@nhs.net,23/04/1980,Smith,Jo,10000001,999", heading=heading).added == 1


def test_quotation_marks_hold_commas_and_quotation_marks() -> None:
    run('999,10000001,"Jo ""Mac""","Smith, Jr",jo.smith@nhs.net,1980-04-23,staff')
    assert User.objects.get().get_full_name() == 'Jo "Mac" Smith, Jr'


def test_blank_lines_and_the_empty_cells_of_a_spreadsheet_are_passed_over() -> None:
    assert run_bytes(f"\n\n{HEADING},,\n\n{JO},,\n,,,,,,,,\n{ANN}\n\n".encode()).added == 2


def test_every_fault_of_every_line_is_told_and_nothing_is_changed() -> None:
    make_user(employee_number="10000001")
    before = list(User.objects.values())
    found = faults(
        jo(given_name="Changed"),
        jo(organisation="777", employee_number="x", date_of_birth="x", email="x", person_type="x"),
        ANN,
        jo(employee_number="10000009", email="jo@gmail.com"),
    )
    assert [fault.partition(":")[0] for fault in found] == [
        "line 3, organisation",
        "line 3, employee_number",
        "line 3, date_of_birth",
        "line 3, person_type",
        "line 3, email",
        "line 5, email",
    ]
    assert list(User.objects.values()) == before
    assert not SecurityEvent.objects.exists()


@pytest.mark.parametrize(
    ("facts", "column", "says"),
    [
        ({"organisation": ""}, "organisation", "no organisation with this code"),
        ({"organisation": "99"}, "organisation", "spreadsheet may have dropped the zeros"),
        ({"employee_number": ""}, "employee_number", "eight digits"),
        ({"given_name": ""}, "given_name", "Missing"),
        ({"family_name": " "}, "family_name", "Missing"),
        ({"family_name": "Sm\u202eith"}, "family_name", "U+202E"),
        ({"family_name": "Sm\0ith"}, "family_name", "U+0000"),
        ({"family_name": '"Sm\nith"'}, "family_name", "line break"),
        ({"family_name": "x" * 101}, "family_name", "at most 100"),
        ({"given_name": "https://evil.example"}, "given_name", "looks like a web or email address"),
        ({"family_name": "jo@nhs.net"}, "family_name", "looks like a web or email address"),
        ({"email": ""}, "email", "Missing"),
        ({"email": "jo@"}, "email", "not an email address"),
        ({"email": "jo@ward.nhs.net"}, "email", "ending in @nhs.net"),
        ({"date_of_birth": ""}, "date_of_birth", "Missing"),
        ({"date_of_birth": "23/04/80"}, "date_of_birth", "two digits"),
        ({"date_of_birth": "2999-01-01"}, "date_of_birth", "future"),
        ({"date_of_birth": "1899-01-01"}, "date_of_birth", "before 1900"),
        ({"date_of_birth": "31/02/1980"}, "date_of_birth", "no such day"),
        ({"person_type": ""}, "person_type", "staff, student, contractor or volunteer"),
    ],
)
def test_a_fault_says_where_it_is_and_what_is_wrong(facts: dict[str, str], column: str, says: str) -> None:
    (fault,) = faults(ANN, jo(**facts))
    assert fault.startswith(f"line 3, {column}: ")
    assert says in fault


@pytest.mark.parametrize(
    ("column", "cell", "says"),
    [
        ("starts_on", "01/13/2026", "month first"),
        ("starts_on", "0202-01-01", "before 1900"),
        ("ends_on", "tomorrow", "not a date"),
        ("username", "JSMITH01", "the organisation's three digits"),
        ("username", "998JSMITH01", "begins with 999"),
        ("username", "999", "the organisation's three digits"),
        ("username", "999J-SMITH01", "the organisation's three digits"),
    ],
)
def test_so_does_one_in_a_column_that_need_not_be_there(column: str, cell: str, says: str) -> None:
    (fault,) = faults(f"{JO},{cell}", heading=f"{HEADING},{column}")
    assert fault.startswith(f"line 2, {column}: ")
    assert says in fault


def test_a_last_day_before_the_first_is_a_fault() -> None:
    (fault,) = faults(f"{JO},2026-02-01,2026-01-01", heading=f"{HEADING},starts_on,ends_on")
    assert fault == "line 2, ends_on: The last day is before the first day."


@pytest.mark.parametrize(("column", "day"), [("ends_on", "2019-12-31"), ("starts_on", "2031-01-01")])
def test_also_where_the_other_day_is_on_record(column: str, day: str) -> None:
    first, last = datetime.date(2020, 1, 1), datetime.date(2030, 12, 31)
    make_user(employee_number="10000001", starts_on=first, ends_on=last)
    (fault,) = faults(f"{JO},{day}", heading=f"{HEADING},{column}")
    assert fault.startswith(f"line 2, {column}: The last day is before the first day.")


def test_an_esr_number_twice_in_the_file_is_a_fault() -> None:
    (fault,) = faults(JO, ANN, jo(given_name="Joe"))
    assert fault.startswith("line 4, employee_number: Line 2 has the same ESR number")


def test_a_username_twice_in_the_file_is_a_fault() -> None:
    (fault,) = faults(f"{JO},999JS01", f"{ANN},999js01", heading=f"{HEADING},username")
    assert fault.startswith("line 3, username: Line 2 has the same username")


def test_a_username_of_somebody_else_is_a_fault() -> None:
    make_user(username="999JS01")
    (fault,) = faults(f"{JO},999js01", heading=f"{HEADING},username")
    assert fault == "line 2, username: Somebody else has the username 999JS01 already."


def test_another_username_for_somebody_on_record_is_a_fault() -> None:
    make_user(username="999JS01", employee_number="10000001")
    (fault,) = faults(f"{JO},999JS02", heading=f"{HEADING},username")
    assert fault.startswith("line 2, username: This person has the username 999JS01. A username never changes")
    assert run(f"{JO.replace('Jo,', 'Joe,')},999js01", heading=f"{HEADING},username").changed == 1


def test_lines_are_counted_as_an_editor_counts_them() -> None:
    content = f'\n{HEADING}\r\n\r\n999,1,"Jo\r\nJo",Smith,jo@nhs.net,1980-04-23,staff\r\n{jo(employee_number="x")}\r\n'
    assert [fault.partition(":")[0] for fault in faults_in(content.encode())] == [
        "line 4, given_name",
        "line 4, employee_number",
        "line 6, employee_number",
    ]


def test_text_that_is_not_utf8_is_told_by_line_and_column() -> None:
    content = f"{HEADING}\n{jo(given_name='Zoë')}\n{ANN}\n{jo(family_name='Muñoz')}\n".encode("latin-1")
    found = faults_in(content)
    assert [fault.partition(":")[0] for fault in found] == [
        "line 2, given_name",
        "line 4, family_name",
        "line 4, employee_number",
    ]
    assert "CSV UTF-8" in found[0]


def test_too_few_and_too_many_fields_are_told() -> None:
    assert faults("999,10000001", f"{JO},x,y") == [
        "line 2: Too few fields: 2 instead of 7.",
        "line 3: Too many fields: 9 instead of 7. Put quotation marks around a field that has a comma in it.",
    ]


@pytest.mark.parametrize("name", ['"Jo', '"Jo"e', '"Jo "Mac" Smith"'])
def test_quotation_marks_that_do_not_pair_up_are_told_by_the_line_they_begin_on(name: str) -> None:
    (fault,) = faults(ANN, jo(given_name=name))
    assert fault.startswith("line 3: The quotation marks that begin here do not pair up.")


def test_a_mark_that_is_never_closed_does_not_hide_the_lines_before_it() -> None:
    found = faults(jo(email="x"), jo(given_name='"Jo'), *[ANN] * 2000)
    assert [fault.partition(":")[0] for fault in found[:2]] == ["line 2, email", "line 3"]


def test_no_fault_repeats_a_date_of_birth_even_where_columns_are_mixed_up() -> None:
    """Threat: a date of birth that is printed stays in a terminal's history or a log."""
    mixed = "1980-04-23,23/04/1980,Jo,Smith,23/04/1980,23/04/80,1980-04-23,1980-04-23,23-04-1980,19800423"
    found = faults(mixed, heading=f"{HEADING},username,ends_on,starts_on")
    assert len(found) == 8
    assert not any("80" in fault for fault in found)


def test_missing_unknown_and_repeated_columns_are_told() -> None:
    heading = HEADING.replace("email,", "start_on,").replace("family_name", "given name")
    assert [fault.partition(".")[0] for fault in faults(JO, heading=f"{heading},")] == [
        "line 1, family_name: This column is missing",
        "line 1, email: This column is missing",
        "line 1, given_name: This column is there twice",
        "line 1, 'start_on': This column is not known",
    ]


def test_a_column_without_a_name_is_told() -> None:
    (fault,) = faults(heading=HEADING.replace(",email", ",,email"))
    assert fault == "line 1: Column 5 has no name. Name it, or delete it."


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "The file is empty"),
        (b"\xef\xbb\xbf\r\n\r\n", "The file is empty"),
        (b";", "The file is empty"),
        (b",,,\n,,,\n", "The file is empty"),
        (f"{HEADING}\n".encode(), "There is nobody in this file"),
        (f"{JO}\n".encode(), "line 1: This line does not name the columns. Write: organisation, employee_number"),
        (b"\x89PNG\r\n\x1a\n\0\x10IHDR", "This file is not UTF-8 text"),
        (f"{HEADING}\n{JO}\n".encode("utf-16"), "line 1: This file is not UTF-8 text"),
        (f"{HEADING}\n{JO}\n".encode("utf-16-be"), "line 1: This file is not UTF-8 text"),
        (b"PK\x03\x04\x14\x00\x06\x00[Content_Types].xml", "This spreadsheet cannot be read"),
        (b"x" * 30_000, "line 1: This line is very long"),
        (f"{HEADING}\n{'x' * 30_000}\n".encode(), "line 2: This line is too long"),
        (f'"{HEADING}\n'.encode(), "line 1: The quotation marks"),
    ],
    ids=[
        "empty",
        "blank",
        "separator",
        "separators",
        "nobody",
        "no heading",
        "picture",
        "utf-16",
        "utf-16-be",
        "xlsx",
        "long",
        "long line",
        "quote",
    ],
)
def test_what_is_no_such_file_is_told(content: bytes, says: str) -> None:
    (fault,) = faults_in(content)
    assert fault.startswith(says)


def test_a_file_of_too_many_people_is_to_be_split(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_LINES", 2)
    (fault,) = faults(JO, ANN, jo(employee_number="10000003"))
    assert fault == "line 4: The file has more than 2 people. Split it into several files."


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=st.binary(max_size=400)
    | st.binary(max_size=200).map(lambda rest: f"{HEADING}\n{JO}\n".encode() + rest)
    | st.lists(st.text(max_size=30), min_size=7, max_size=7).map(lambda row: f"{HEADING}\n{','.join(row)}".encode()),
)
def test_whatever_is_in_a_file_it_is_imported_or_its_faults_are_told(content: bytes) -> None:
    with transaction.atomic():
        try:
            result = run_bytes(content)
        except people_import.Faulty as faulty:
            assert faulty.faults  # noqa: PT017 (either may happen)
        else:
            assert result.added + result.changed + result.unchanged
        transaction.set_rollback(True)
