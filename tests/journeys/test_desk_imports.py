"""A lead imports the starters of the month from a spreadsheet, and a second agent agrees to the new addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.management import call_command

from accounts.models import PeopleUpload, User
from tests.journeys import doing
from tests.support.browser import DESKTOP, PHONE
from tests.support.factories import make_user
from tests.support.helpdesk import at_work, make_lead
from tests.support.people_files import HEADING, jo_cells, workbook

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import ViewportSize

    from tests.journeys.conftest import TypeOfPerson

# The narrowest that agents work at.
NARROW_TABLET: ViewportSize = {"width": 768, "height": 1024}


def work() -> None:
    """Let the worker do what is due."""
    call_command("work", once=True)


def test_a_spreadsheet_is_uploaded_checked_agreed_to_and_imported(somebody: TypeOfPerson, tmp_path: Path) -> None:
    file = tmp_path / "Starters November.xlsx"
    moved = make_user(employee_number="10000001", email="jo.old@nhs.net", given_name="Jo", family_name="Smith")
    renamed = make_user(employee_number="10000002", email="ann@nhs.net", given_name="Ann", family_name="Smyth")
    facts: list[dict[str, object]] = [
        {"email": "jo.new@nhs.net"},
        {"employee_number": "10000002", "email": "ann@nhs.net", "given_name": "Ann", "family_name": "O’Brien"},
        {"employee_number": 10000003, "email": "zoe@nhs.net", "given_name": "Zoë"},
        {"employee_number": "1234567", "email": "late@nhs.net"},
    ]
    file.write_bytes(workbook(HEADING.split(","), *(jo_cells(**each) for each in facts), above=1))
    lead = somebody(size=DESKTOP, also=[NARROW_TABLET, PHONE])
    doing.go_on_from(lead, at_work(make_lead(given_name="Lee", family_name="Lead")))

    lead.open("/admin/desk/")
    lead.follow("Imports")
    lead.look("no import yet")
    lead.press("Import people")
    lead.look("which file")
    lead.press("Upload and check")
    lead.sees("There is a problem", "Choose a file")
    lead.page.get_by_label("File of people").set_input_files(file)
    lead.press("Upload and check")
    lead.look("the file is being checked")
    lead.sees("The file is being checked")
    work()
    # The page looks again by itself.
    lead.page.get_by_text("Import this file?").wait_for()
    lead.look("what the file would do")
    lead.sees(
        "Family name: Smyth becomes O’Brien", "jo.old@nhs.net", "jo.new@nhs.net", "dropped the zeros at its front"
    )
    lead.page.get_by_label("Ask a second agent to agree, and import all of it then").check()
    lead.page.get_by_label("Why do they change?").fill("New addresses, list from HR of 20 November")
    lead.press("Import this file")
    lead.look("it waits for a second agent")
    lead.sees("Waiting for a second agent")

    second = somebody(size=DESKTOP, also=[NARROW_TABLET, PHONE])
    doing.go_on_from(second, at_work(make_lead(given_name="Sam", family_name="Second")))
    second.open("/admin/desk/imports/")
    second.follow("Starters November.xlsx")
    second.look("the second agent sees old and new")
    words = second.page.locator(".desk-table__value--whole")
    assert {"Email", moved.username} <= set(words.all_inner_texts())
    for _ in second.sizes():
        assert set(words.evaluate_all("words => words.map((word) => word.getClientRects().length)")) == {1}
    second.sees("list from HR of 20 November", "Do you agree?")
    second.press("Agree")
    second.sees("The file is being imported")
    work()
    second.page.get_by_text("Over since").wait_for()
    second.look("the report")
    second.sees("Decided by")
    second.open("/admin/desk/imports/")
    second.look("the list of imports")
    second.sees("1 added, 2 changed, 1 left out")

    assert User.objects.get(pk=moved.pk).email == "jo.new@nhs.net"
    assert User.objects.get(pk=renamed.pk).family_name == "O’Brien"
    assert User.objects.filter(given_name="Zoë", username__startswith="999ZSMITH").exists()
    assert not PeopleUpload.objects.get().sample
