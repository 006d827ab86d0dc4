"""What a person does not see of their workbook is read, and told: rows that a filter hides, columns, sheets."""

from __future__ import annotations

import io
import time
from pathlib import Path

import openpyxl
import pytest
from django.core.management import call_command

from accounts.models import User
from people.services.people_import import checking, reading
from people.services.people_import.faults import Fault, no_progress
from people.services.people_import.spreadsheets import Unseen
from tests.support.factories import make_organisation
from tests.support.people_files import HEADING, JO, faults_in, jo_cells, run_bytes, saved, workbook
from tests.unit.test_import_people_spreadsheets import SHEET, bomb, sheet_of

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

COLUMNS = HEADING.split(",")


@pytest.fixture(autouse=True)
def organisation() -> None:
    make_organisation()


def three_people() -> openpyxl.Workbook:
    made = openpyxl.Workbook()
    assert made.active is not None
    made.active.append(COLUMNS)
    for number in range(1, 4):
        made.active.append(jo_cells(employee_number=f"1000000{number}"))
    return made


def unseen_in(content: bytes) -> Unseen:
    with reading.read(file=io.BytesIO(content), progress=no_progress) as table:
        return checking.check(table=table).unseen


def test_rows_that_are_hidden_are_read_and_counted() -> None:
    made = three_people()
    assert made.active is not None
    for number in (2, 4):
        made.active.row_dimensions[number].hidden = True
    assert unseen_in(saved(made)) == Unseen(lines=2)
    assert run_bytes(saved(made)).added == 3
    assert User.objects.count() == 3


def test_so_are_those_that_a_filter_hides_as_spreadsheets_write_it() -> None:
    """Excel writes hidden="1" on each row, LibreOffice "true", beside what the filter is."""
    made = three_people()
    assert made.active is not None
    made.active.auto_filter.ref = "A1:G4"

    def filtered(xml: str) -> str:
        return xml.replace('<row r="2"', '<row hidden="1" r="2"').replace('<row r="3"', '<row r="3" hidden="true"')

    assert unseen_in(sheet_of(saved(made), filtered)) == Unseen(lines=2)
    assert unseen_in(saved(made)) == Unseen()


@pytest.mark.parametrize("said", ["0", "false", "", "yes"])
def test_a_row_that_says_that_it_is_not_hidden_is_not(said: str) -> None:
    shown = sheet_of(saved(three_people()), lambda xml: xml.replace('<row r="2"', f'<row r="2" hidden="{said}"'))
    assert unseen_in(shown) == Unseen()


def test_a_hidden_row_without_anything_and_one_above_the_names_are_no_lines() -> None:
    made = openpyxl.Workbook()
    sheet = made.active
    assert sheet is not None
    for row in (["A title"], COLUMNS, [], jo_cells()):
        sheet.append(row)
    for number in (1, 2, 3):
        sheet.row_dimensions[number].hidden = True
    assert unseen_in(saved(made)) == Unseen()


def test_hidden_columns_are_named() -> None:
    made = three_people()
    assert made.active is not None
    made.active.column_dimensions["F"].hidden = True
    made.active.column_dimensions["Z"].hidden = True
    assert unseen_in(saved(made)) == Unseen(columns=["date_of_birth"])
    many = sheet_of(
        saved(three_people()),
        lambda xml: xml.replace("<sheetData>", '<cols><col min="1" max="2" hidden="1"/></cols><sheetData>'),
    )
    assert unseen_in(many) == Unseen(columns=["organisation", "employee_number"])


def test_of_sheets_the_first_that_is_not_hidden_is_read_and_named_where_there_are_others() -> None:
    made = three_people()
    assert made.active is not None
    made.active.title = "Staff"
    made.create_sheet("Leavers").append(COLUMNS)
    assert unseen_in(saved(made)) == Unseen(sheet="Staff")
    made["Leavers"].sheet_state = "hidden"
    assert unseen_in(saved(made)) == Unseen()
    made["Leavers"].sheet_state, made["Staff"].sheet_state = "visible", "veryHidden"
    made.active = made["Leavers"]
    with reading.read(file=io.BytesIO(saved(made)), progress=no_progress) as table:
        assert [line.problem for line in table.lines if isinstance(line, Fault)] == [
            "There is nobody in this file below the names of the columns."
        ]


def test_a_csv_file_has_nothing_that_is_not_seen() -> None:
    assert unseen_in(f"{HEADING}\n{JO}\n".encode()) == Unseen()


def test_the_command_line_tells_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = three_people()
    assert made.active is not None
    made.active.row_dimensions[2].hidden = True
    file = tmp_path / "people.xlsx"
    file.write_bytes(saved(made))
    call_command("import_people", file)
    assert "Lines that are hidden in the workbook, and were read too: 1." in capsys.readouterr().out


# Files that an attacker wrote ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "row",
    [
        '<row r="2"/><row r="2"/>',
        '<row r="3"/><row r="2"/>',
        '<row r="0"/>',
        '<row r="-1"/>',
        '<row r="x"/>',
        '<row r="1e9"/>',
    ],
)
def test_rows_that_do_not_ascend_are_refused(row: str) -> None:
    """Threat: an import goes on after the last line that is done, so that a line before it would never be done."""
    (fault,) = faults_in(bomb(SHEET.format(row)))
    assert fault.startswith("This spreadsheet cannot be read")


@pytest.mark.parametrize("col", ['<col min="1" hidden="1"/>', '<col min="1" max="x" hidden="1"/>', '<col min="x"/>'])
def test_columns_that_are_no_columns_are_refused(col: str) -> None:
    made = sheet_of(saved(three_people()), lambda xml: xml.replace("<sheetData>", f"<cols>{col}</cols><sheetData>"))
    (fault,) = faults_in(made)
    assert fault.startswith("This spreadsheet cannot be read")


def test_as_many_hidden_columns_as_can_be_said_take_no_time() -> None:
    said = "".join(f'<col min="{n}" max="{n + 16_000}" hidden="1"/>' for n in range(200, 18_000))
    made = sheet_of(saved(three_people()), lambda xml: xml.replace("<sheetData>", f"<cols>{said}</cols><sheetData>"))
    begun = time.process_time()
    assert unseen_in(made) == Unseen()
    assert time.process_time() - begun < 5


def test_a_name_of_a_sheet_that_no_spreadsheet_has_is_shown_cut_and_without_what_cannot_be_printed() -> None:
    made = three_people()
    assert made.active is not None
    made.create_sheet("Other")
    setattr(made.active, "_WorkbookChild__title", "x\u202e" * 40)  # noqa: B010 (its setter refuses it)
    assert unseen_in(saved(made)).sheet == "x" * 31


def test_a_row_without_a_number_is_the_next() -> None:
    made = sheet_of(workbook(COLUMNS, jo_cells()), lambda xml: xml.replace('<row r="2"', "<row"))
    assert run_bytes(made).added == 1
