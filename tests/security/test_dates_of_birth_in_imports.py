"""Threat: an agent learns a colleague's date of birth by files with guesses, of which nothing else changes anything.

By hand a date is compared three times an hour, each an event of which the person is told. What a file would do is told
before it is done, for any number of people and files, and nobody is told of it.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

import pytest

from accounts.models import CareIdentity, PeopleUpload, User
from accounts.models.people_upload import UploadState
from people.services import people_import
from tests.support.factories import make_user
from tests.support.helpdesk import at_work, make_lead, text
from tests.support.imports import MINE, UID, WITH_CARD, csv_of, line_of, looked_at, page_of, press, victim, work
from tests.support.people_files import HEADING, jo, run

if TYPE_CHECKING:
    from tests.support.steps import PortalClient

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

BORN = datetime.date(1980, 4, 23)
RIGHT, WRONG = "1980-04-23", "1980-04-24"


@pytest.fixture
def desk(lead: User) -> PortalClient:
    return at_work(lead)


def told_of(row: PeopleUpload, desk: PortalClient) -> dict[str, Any]:
    """Return all that an agent can tell two imports apart by, but for what numbers and times name them."""
    row.refresh_from_db()
    names = ("state", "added", "changed", "ended", "unchanged", "left_out", "faults", "sample", "guarded")
    page = text(desk, page_of(row)).split("Uploaded by")[0]
    return {name: getattr(row, name) for name in names} | {"page": page, "has_changed": row.has_changed}


# What a line says besides the date, and by which a difference could show.
LINES = {
    "nothing else": {},
    "a name": {"family_name": "Other"},
    "an address": {"email": MINE},
    "an address and a type": {"email": "jo@nhs.net", "person_type": "staff"},
}


@pytest.mark.parametrize("facts", LINES.values(), ids=LINES)
def test_a_right_and_a_wrong_date_read_alike_before_and_after_the_import(
    lead: User, desk: PortalClient, facts: dict[str, str]
) -> None:
    person = victim(date_of_birth=BORN)
    told: list[list[Any]] = []
    for guess in (RIGHT, WRONG):
        row = looked_at(csv_of(line_of(person, date_of_birth=guess, **facts)), by=lead)
        told.append([told_of(row, desk)])
        answer = press(desk, row, "confirm", guarded="leave_out")
        work(row)
        told[-1] += [answer.status_code, told_of(row, desk), desk.get("/admin/desk/imports/").text.count("Imported")]
        # As it was, for the second of the two.
        person.save()
        PeopleUpload.objects.all().delete()
    assert told[0] == told[1]


def test_nor_does_a_card_beside_it_tell_which_is_right(lead: User, desk: PortalClient) -> None:
    person = victim(date_of_birth=BORN)
    CareIdentity.objects.create(user=person, uid="555000000202")
    rows = []
    for guess in (RIGHT, WRONG):
        row = looked_at(csv_of(f"{line_of(person, date_of_birth=guess)},{UID}", heading=WITH_CARD), by=lead)
        rows.append(told_of(row, desk))
        press(desk, row, "cancel")
    assert rows[0] == rows[1]
    assert len(rows[0]["guarded"]) == 1


def test_nor_a_file_with_a_guess_for_each_of_many(lead: User, desk: PortalClient) -> None:
    """Threat: one file asks about everybody at once."""
    people = [victim(employee_number=f"1000000{n}", date_of_birth=BORN) for n in range(1, 6)]
    for guesses in ([RIGHT] * 5, [WRONG] * 5, [RIGHT, WRONG] * 2 + [RIGHT]):
        lines = [line_of(person, date_of_birth=guess) for person, guess in zip(people, guesses, strict=True)]
        row = looked_at(csv_of(*lines), by=lead)
        assert (row.state, row.changed, row.unchanged, row.left_out) == (UploadState.READY, 0, 5, 0)
        assert not row.does_anything
        press(desk, row, "cancel")


def test_a_file_from_the_desk_leaves_the_date_of_each_person_on_record(lead: User, desk: PortalClient) -> None:
    """Threat: a thief of a lead's session gives everybody another date, and recovery works for nobody."""
    person = victim(date_of_birth=BORN)
    other = jo(employee_number="10000002", date_of_birth=WRONG)
    row = looked_at(csv_of(line_of(person, date_of_birth=WRONG, family_name="Other"), other), by=lead)
    press(desk, row, "confirm")
    assert work(row).state == UploadState.APPLIED
    person.refresh_from_db()
    assert (person.family_name, person.date_of_birth) == ("Other", BORN)
    assert User.objects.get(employee_number="10000002").date_of_birth == datetime.date(1980, 4, 24)


def test_the_command_line_which_is_hrs_puts_dates_right() -> None:
    person = make_user(employee_number="10000001", email="jo.smith@nhs.net", date_of_birth=BORN)
    assert run(line_of(person, date_of_birth=WRONG), heading=HEADING) == people_import.Result(0, 1, 0)
    person.refresh_from_db()
    assert person.date_of_birth == datetime.date(1980, 4, 24)


def test_a_second_agent_is_shown_no_date_and_none_changes(lead: User, desk: PortalClient) -> None:
    person = victim(date_of_birth=BORN)
    row = looked_at(csv_of(line_of(person, date_of_birth=WRONG, email="jo@new.example")), by=lead)
    press(desk, row, "confirm", guarded="ask", reason="New domain")
    row.refresh_from_db()
    second = at_work(make_lead(organisation=lead.organisation))
    assert "1980" not in text(second, page_of(row))
    press(second, row, "agree", decision="HR says so")
    assert work(row).state == UploadState.APPLIED
    person.refresh_from_db()
    assert (person.email, person.date_of_birth) == ("jo@new.example", BORN)
