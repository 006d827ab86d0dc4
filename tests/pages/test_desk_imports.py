"""The desk's pages of imports: what each says in each state, and who may open it."""

from __future__ import annotations

import datetime
import re

import pytest

from accounts.models import PeopleUpload, PeopleUploadPiece, SecurityEvent, User
from accounts.models.people_upload import UploadState
from accounts.models.role import Role
from accounts.models.security_event import Event
from helpdesk.services.people_uploads import deciding, taking
from tests.support.factories import make_organisation, make_user
from tests.support.helpdesk import at_work, make_agent, make_lead, make_operator, text
from tests.support.imports import NEW, csv_of, looked_at, page_of, press, send_file, upload, work
from tests.support.people_files import ANN, HEADING, JO, jo, jo_cells, workbook
from tests.support.steps import PortalClient
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db

LIST = "/admin/desk/imports/"


@pytest.fixture
def desk(lead: User) -> PortalClient:
    return at_work(lead)


def only() -> PeopleUpload:
    return PeopleUpload.objects.get()


def percent(desk: PortalClient, row: PeopleUpload) -> int:
    (found,) = re.findall(r"(\d+) percent is done", text(desk, page_of(row)))
    return int(found)


def test_a_file_is_uploaded_looked_at_confirmed_and_imported(desk: PortalClient, lead: User) -> None:
    known = make_user(employee_number="10000001", email="jo.smith@nhs.net", family_name="Smyth")
    gone = send_file(desk, csv_of(JO, ANN, jo(employee_number="1")), name="staff of <b>November.csv")
    row = only()
    assert gone.url == page_of(row)
    assert "The file is being checked" in text(desk, page_of(row))
    work(row)
    page = text(desk, page_of(row))
    for words in ("To be confirmed", "Added 1", "Changed 1", "Untouched 0", "Left out 1"):
        assert words in page
    assert "Family name: Smyth becomes Smith" in page
    assert "Ann O'Brien Change Added" in page
    assert "employee number What to do An ESR number is eight digits" in page
    assert known.family_name == User.objects.get(pk=known.pk).family_name, "nothing is changed yet"
    assert press(desk, row, "confirm").url == page_of(row)
    work(row)
    assert row.state == UploadState.APPLIED
    known.refresh_from_db()
    assert known.family_name == "Smith"
    assert User.objects.filter(employee_number="10000002").exists()
    page = text(desk, page_of(row))
    assert "State Imported" in page
    assert "Confirmed by Lee Lead" in page
    assert "staff of <b>November.csv" in text(desk, LIST)
    assert "1 added, 1 changed, 1 left out" in text(desk, LIST)
    events = SecurityEvent.objects.filter(user=lead, reference=f"M{row.pk}").order_by("pk")
    assert [event.event for event in events] == [Event.PEOPLE_FILE_UPLOADED, Event.PEOPLE_FILE_CONFIRMED]
    imported = SecurityEvent.objects.get(event=Event.PERSON_IMPORTED)
    assert imported.by == lead


def test_a_workbook_is_uploaded_in_pieces(desk: PortalClient) -> None:
    rows = [jo_cells(employee_number=f"1{n:07}", family_name=f"Smith{'x' * (n % 60)}") for n in range(8_000)]
    content = csv_of(*(",".join(map(str, cells)) for cells in rows))
    assert len(content) > 2 * 256 * 1024
    send_file(desk, content)
    row = only()
    assert PeopleUploadPiece.objects.filter(upload=row).count() == 3
    assert work(row).added == 8_000
    press(desk, row, "cancel")
    send_file(desk, workbook(HEADING.split(","), jo_cells()), name="people.xlsx")
    assert work(PeopleUpload.objects.latest("pk")).added == 1


def test_no_date_of_birth_is_shown_and_none_is_kept_in_clear(desk: PortalClient) -> None:
    make_user(employee_number="10000001", email="jo.smith@nhs.net", date_of_birth=datetime.date(1971, 2, 3))
    send_file(desk, csv_of(JO, jo(employee_number="10000002", date_of_birth="23.23.1980")))
    row = work(only())
    page = text(desk, page_of(row))
    assert "Date of birth:" not in page
    assert "People on record keep theirs, whatever the file says" in page
    for date in ("1980", "1971", "23.23"):
        assert date not in page
        assert date not in str(PeopleUpload.objects.values())
        assert date not in "".join(PeopleUploadPiece.objects.values_list("sealed", flat=True))


def test_a_file_that_cannot_be_read_says_why(desk: PortalClient) -> None:
    send_file(desk, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100, name="people.xls")
    row = work(only())
    assert row.state == UploadState.UNREADABLE
    assert "This is an old Excel workbook (.xls)" in text(desk, page_of(row))
    assert not PeopleUploadPiece.objects.exists()
    send_file(desk, csv_of("x", heading="surname,first"))
    assert "Line 1: This line does not name the columns" in text(desk, page_of(work(PeopleUpload.objects.latest("pk"))))


def test_a_file_without_dates_of_birth_changes_people_and_adds_none(desk: PortalClient) -> None:
    known = make_user(employee_number="10000001", email="jo.smith@nhs.net", family_name="Smyth")
    heading = HEADING.replace(",date_of_birth", "")
    line = JO.replace(",1980-04-23", "")
    send_file(desk, csv_of(line, line.replace("10000001", "10000002"), heading=heading))
    row = work(only())
    assert (row.added, row.changed, row.left_out) == (0, 1, 1)
    assert "this person is not on record yet. Add the column" in text(desk, page_of(row))
    press(desk, row, "confirm")
    work(row)
    born = known.date_of_birth
    known.refresh_from_db()
    assert (known.family_name, known.date_of_birth) == ("Smith", born)


@pytest.mark.parametrize(
    ("file", "says"), [(None, "Choose a file"), (b"", "The file is empty. Choose another")], ids=["none", "empty"]
)
def test_what_is_no_file_is_told(desk: PortalClient, file: bytes | None, says: str) -> None:
    answer = send_file(desk, file) if file is not None else send_file(desk, b"x", file="")
    assert answer.status_code == 200
    assert says in answer.text
    assert "Error: Import people" in answer.text
    assert not PeopleUpload.objects.exists()


def test_a_file_larger_than_what_is_kept_is_told(desk: PortalClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taking, "LARGEST", 10)
    assert "The file is larger than" in send_file(desk, csv_of(JO)).text
    assert not PeopleUpload.objects.exists()


def test_one_import_at_a_time(desk: PortalClient, lead: User) -> None:
    upload(csv_of(JO), by=make_lead(), name="first.csv")
    answer = send_file(desk, csv_of(ANN))
    assert "An import of “first.csv” is not over yet" in answer.text
    assert f'<a href="{page_of(only())}">Open the import that is not over</a>' in answer.text
    assert press(desk, only(), "cancel").status_code == 302
    assert only().state == UploadState.CANCELLED
    assert send_file(desk, csv_of(ANN)).status_code == 302


def test_an_import_at_another_organisation_is_in_nobodys_way(desk: PortalClient) -> None:
    there = make_lead(organisation=make_organisation(code="111", name="South"))
    row = upload(csv_of(JO), by=there)
    assert send_file(desk, csv_of(ANN)).status_code == 302
    assert desk.get(page_of(row)).status_code == 404
    assert "South" not in text(desk, LIST)


def test_an_operator_chooses_the_organisation() -> None:
    south = make_organisation(code="111", name="South")
    desk = at_work(make_operator())
    assert "Choose the organisation that the file is for" in send_file(desk, csv_of(JO)).text
    send_file(desk, csv_of(JO, jo(organisation="111")), organisation=south.pk)
    row = work(only())
    assert (row.organisation, row.added, row.left_out) == (south, 1, 1)
    assert "This import is for South alone, whose code is 111." in text(desk, page_of(row))
    assert "South" in text(desk, LIST)


def test_a_lead_imports_into_their_own_organisation_whatever_the_form_says(desk: PortalClient, lead: User) -> None:
    """Threat: a field that the form does not show names another organisation."""
    south = make_organisation(code="111", name="South")
    send_file(desk, csv_of(JO), organisation=south.pk)
    assert only().organisation == lead.organisation


def test_the_page_that_waits_looks_again_and_keeps_no_session(desk: PortalClient) -> None:
    row = upload(csv_of(JO), by=make_lead())
    answer = desk.get(page_of(row))
    assert answer.headers["Refresh"] == f"5; url={page_of(row)}?refreshed=1"
    PeopleUpload.objects.update(done=30, of=120)
    assert "25 percent is done" in text(desk, page_of(row))
    work(row)
    assert "Refresh" not in desk.get(page_of(row)).headers


def test_a_page_that_looks_by_itself_does_not_keep_the_session(desk: PortalClient, travel: Travel) -> None:
    """Threat: a computer that its agent has left stays logged in for as long as a long import goes on."""
    row = upload(csv_of(JO), by=make_lead())
    for _ in range(30):
        travel(minutes=2)
        answer = desk.get(f"{page_of(row)}?refreshed=1")
    assert answer.status_code == 302
    assert "/log-in/" in answer.headers["Location"]


def test_records_that_change_meanwhile_are_confirmed_anew(desk: PortalClient) -> None:
    known = make_user(employee_number="10000001", email="jo.smith@nhs.net", family_name="Smyth")
    row = work(upload(csv_of(JO), by=make_lead()))
    known.family_name = "Smithe"
    known.save()
    press(desk, row, "confirm")
    work(row)
    assert row.state == UploadState.READY
    page = text(desk, page_of(row))
    assert "Records have changed since the import was confirmed" in page
    assert "Family name: Smithe becomes Smith" in page
    press(desk, row, "confirm")
    assert work(row).state == UploadState.APPLIED


def test_a_page_of_another_look_confirms_nothing(desk: PortalClient) -> None:
    row = work(upload(csv_of(JO), by=make_lead()))
    answer = press(desk, row, "confirm", look="0" * 64)
    assert "it would do something else by now" in desk.get(answer.url).text
    row.refresh_from_db()
    assert row.state == UploadState.READY
    assert "Nothing was done" in desk.get(press(desk, row, "agree").url).text


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ORGANISATION_ADMIN])
def test_who_reads_sees_the_report_and_no_button(role: Role) -> None:
    row = work(upload(csv_of(JO), by=make_lead()))
    reader = at_work(make_user(role=role))
    page = reader.get(page_of(row)).text
    assert "To be confirmed" in page
    assert 'action="' not in page.split("<main")[1].split("</main>")[0]
    assert 'href="/admin/desk/imports/new/"' not in reader.get(LIST).text
    assert reader.get(NEW).status_code == 403
    for what in ("confirm", "cancel", "agree", "refuse"):
        assert press(reader, row, what).status_code == 403
    row.refresh_from_db()
    assert row.state == UploadState.READY


def test_an_agent_is_not_led_to_imports() -> None:
    agent = at_work(make_agent())
    assert ">Imports<" not in agent.get("/admin/desk/").text
    assert ">Imports<" in at_work(make_lead()).get("/admin/desk/").text
    assert agent.get(LIST).status_code == 403


def test_without_any_import_the_list_says_so(desk: PortalClient) -> None:
    assert "No file was imported in the last year." in text(desk, LIST)


def test_a_tab_of_another_person_uploads_and_confirms_nothing(desk: PortalClient) -> None:
    row = work(upload(csv_of(JO), by=make_lead()))
    assert press(desk, row, "confirm", about="another").status_code == 409
    assert send_file(desk, csv_of(JO), about="another").status_code == 409
    row.refresh_from_db()
    assert row.state == UploadState.READY


def test_the_report_outlives_the_agent_who_uploaded_the_file(lead: User) -> None:
    other = make_lead(organisation=lead.organisation)
    row = looked_at(csv_of(jo()), by=other)
    waiting = at_work(lead)
    User.objects.filter(pk=other.pk).delete()
    for page in ("/admin/desk/imports/", page_of(row)):
        assert "A person who is on record no more" in text(waiting, page)
    PeopleUpload.objects.update(state=UploadState.WAITING, with_guarded=True, confirmed_by=other.pk)
    assert waiting.get(page_of(row)).status_code == 200
    assert not deciding.may_agree(upload=PeopleUpload.objects.get(), by=lead)


def test_a_file_whose_agent_is_on_record_no_more_is_not_looked_at(lead: User) -> None:
    other = make_lead(organisation=lead.organisation)
    row = upload(csv_of(jo()), by=other)
    User.objects.filter(pk=other.pk).delete()
    assert work(row).state == UploadState.STOPPED


def test_a_file_of_which_nothing_can_be_imported_is_not_to_be_confirmed(desk: PortalClient, lead: User) -> None:
    empty = upload(f"{HEADING}\n".encode(), by=lead)
    work(empty)
    said = text(desk, page_of(empty))
    assert "There is nothing to import No line of this file can be used." in said
    assert "Line All Column All What to do There is nobody in this file" in said
    assert "Import this file" not in said
    assert press(desk, empty, "cancel").url == page_of(empty)
    unreadable = upload(b"a picture", by=lead)
    work(unreadable)
    assert "Upload another file" in text(desk, page_of(unreadable))
