"""The list of people as a download: what is in it, for whom, and that it can be imported again."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Sequence
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import SecurityEvent, User
from accounts.models.role import Role
from accounts.models.security_event import Event
from helpdesk import tables
from tests.support.factories import make_organisation, make_user
from tests.support.helpdesk import PEOPLE, at_work, make_agent, make_lead, make_operator, messages
from tests.support.imports import upload, work
from tests.support.steps import PortalClient
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db

CSV, XLSX = f"{PEOPLE}export/csv/", f"{PEOPLE}export/xlsx/"


def body(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


def rows_of(desk: PortalClient, query: str = "") -> list[list[str]]:
    """Return the rows of the CSV, without the headings."""
    text = body(desk.post(CSV + query)).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))[1:]


def sheet_of(desk: PortalClient, query: str = "") -> Sequence[tuple[object, ...]]:
    """Return the rows of the workbook, without the headings."""
    workbook = openpyxl.load_workbook(io.BytesIO(body(desk.post(XLSX + query))))
    sheet = workbook.active
    assert sheet is not None
    return list(sheet.iter_rows(values_only=True))[1:]


def test_both_downloads_hold_the_people_of_the_organisation_and_no_date_of_birth() -> None:
    lead = make_lead()
    person = make_user(given_name="Zoë", employee_number="00000012", ends_on="2027-03-31")
    make_user(organisation=make_organisation(code="111", name="South"), family_name="Elsewhere")
    desk = at_work(lead)
    wanted = [
        *("999", "00000012", person.username, "Zoë", "Smith", person.email),
        *("staff", "", "2027-03-31"),
    ]
    assert wanted in rows_of(desk)
    assert tuple(cell or None for cell in wanted) in sheet_of(desk)
    assert len(rows_of(desk)) == len(sheet_of(desk)) == 2
    answer = desk.post(CSV)
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="people-')
    for content in (body(answer), str(sheet_of(desk)).encode()):
        assert b"1980" not in content
        assert b"argon2" not in content


def test_the_downloads_are_filtered_as_the_list_is() -> None:
    desk = at_work(make_lead(given_name="Lee", family_name="Lead"))
    make_user(person_type="volunteer", family_name="Young", email="y@home.example")
    make_user(family_name="Old")
    assert {row[4] for row in rows_of(desk)} == {"Lead", "Young", "Old"}
    assert [row[4] for row in rows_of(desk, "?person_type__exact=volunteer")] == ["Young"]
    assert [row[4] for row in sheet_of(desk, "?q=Old&p=7")] == ["Old"]
    page = desk.get(f"{PEOPLE}?person_type__exact=volunteer&p=1").text
    assert 'action="/admin/accounts/user/export/csv/?person_type__exact=volunteer"' in page
    assert desk.post(f"{CSV}?password__startswith=x").status_code in {302, 400}


def test_who_may_not_export_is_offered_none_and_gets_none() -> None:
    desk = at_work(make_agent())
    assert "/export/" not in desk.get(PEOPLE).text
    assert desk.post(CSV).status_code == desk.post(XLSX).status_code == 403
    assert not SecurityEvent.objects.filter(event=Event.PEOPLE_EXPORTED).exists()


@pytest.mark.parametrize("role", [Role.LEAD, Role.AUDITOR, Role.ORGANISATION_ADMIN])
def test_an_event_says_who_exported_how_many(role: Role) -> None:
    reader = make_user(role=role)
    make_user()
    desk = at_work(reader)
    rows_of(desk)
    sheet_of(desk, "?q=nobody")
    events = SecurityEvent.objects.filter(event=Event.PEOPLE_EXPORTED, user=reader).order_by("pk")
    assert [event.reason for event in events] == ["csv_2", "xlsx_0"]


def test_an_operator_exports_all_organisations_or_one() -> None:
    desk = at_work(make_operator())
    south = make_organisation(code="111", name="South")
    make_user(organisation=south)
    assert {row[0] for row in rows_of(desk)} == {"999", "111"}
    assert {row[0] for row in rows_of(desk, f"?organisation={south.pk}")} == {"111"}


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "+44", "@SUM", "-2", "\t=1", "＝1", "a;=1"])
def test_no_cell_is_a_formula(name: str) -> None:
    """Threat: a person whose name is a formula has it run on the computer of the one who opens the download."""
    make_user(employee_number="00000001", given_name=name)
    desk = at_work(make_lead())
    mine = [row[3] for row in rows_of(desk) if row[1] == "00000001"]
    assert mine == [name.replace(";", ";'") if ";" in name else f"'{name}"]
    workbook = openpyxl.load_workbook(io.BytesIO(body(desk.post(XLSX))))
    sheet = workbook.active
    assert sheet is not None
    kinds = {cell.data_type for row in sheet.iter_rows() for cell in row}
    assert "f" not in kinds
    assert mine[0] in {cell.value for row in sheet.iter_rows() for cell in row}


@pytest.mark.parametrize("address", [CSV, XLSX], ids=["csv", "xlsx"])
def test_a_download_can_be_edited_and_imported_again(address: str, travel: Travel) -> None:
    lead = make_lead()
    make_user(given_name="-", family_name="Suparman", starts_on="2020-01-01")
    changed = make_user(family_name="Smyth")
    content = body(at_work(lead).post(address))
    row = work(upload(content, by=lead))
    assert (row.unchanged, row.added, row.changed, row.left_out) == (3, 0, 0, 0)
    User.objects.get(pk=changed.pk)
    if address == CSV:
        edited = content.decode("utf-8-sig").replace('"Smyth"', '"Smith-Jones"').encode()
        row.state = "cancelled"
        row.save()
        row = work(upload(edited, by=lead))
        assert (row.unchanged, row.changed) == (2, 1)


def test_a_download_of_many_is_read_in_one_query_and_sent_while_it_is_read() -> None:
    """Threat: a download of a hundred thousand people takes the memory of the server."""
    lead = make_lead()
    desk = at_work(lead)
    User.objects.bulk_create(
        User(
            username=f"999MANY{n:05}",
            given_name="Jo",
            family_name=f"Many{hashlib.sha256(str(n).encode()).hexdigest()}",
            email=f"many{n}@nhs.net",
            date_of_birth="1980-04-23",
            employee_number=f"{30_000_000 + n}",
            organisation_id=lead.organisation_id,
            password="!",
        )
        for n in range(5_000)
    )
    answer: Any = desk.post(XLSX)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        pieces = list(answer.streaming_content)
    assert len(queries) <= 1
    assert len(pieces) > 2
    assert max(map(len, pieces)) < 2 * 65_536 + 100_000


def test_more_people_than_a_sheet_has_rows_are_for_csv(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = at_work(make_lead())
    make_user()
    monkeypatch.setattr(tables, "MOST_ROWS", 2)
    assert desk.post(XLSX).status_code == 302
    assert messages(desk) == ["These are more people than a sheet has rows. Export them as CSV, or filter the list."]
