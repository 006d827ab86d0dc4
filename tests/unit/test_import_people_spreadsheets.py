"""What a workbook of people may look like, as organisations save it; what is no list of people is refused unread."""

from __future__ import annotations

import datetime
import functools
import io
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable

import openpyxl
import pytest

from accounts.models import Organisation, User
from people.services.people_import import packages, spreadsheets
from people.spreadsheet_cells import as_it_was, without_formula
from tests.support.factories import make_organisation, make_user
from tests.support.people_files import HEADING, JO, faults_in, jo_cells, run_bytes, saved, workbook

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

COLUMNS = HEADING.split(",")


@pytest.fixture(autouse=True)
def organisation() -> Organisation:
    return make_organisation()


def sheet_of(content: bytes, change: Callable[[str], str]) -> bytes:
    """Return a workbook whose sheet's XML was changed."""
    return repacked(content, {"xl/worksheets/sheet1.xml": lambda xml: change(xml.decode()).encode()})


def repacked(content: bytes, changes: dict[str, Callable[[bytes], bytes]]) -> bytes:
    """Return a package with some of its parts changed, or added."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as package, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        parts = {name: package.read(name) for name in package.namelist()}
        for name, change in changes.items():
            parts[name] = change(parts.get(name, b""))
        for name, part in parts.items():
            new.writestr(name, part)
    return made.getvalue()


def saying(size: str, xml: str) -> str:
    return re.sub('ref="A1:G3"', f'ref="{size}"', xml)


def test_a_workbook_is_read_as_a_csv_file_is() -> None:
    assert run_bytes(workbook(COLUMNS, jo_cells(), jo_cells(employee_number="10000002"))).added == 2
    assert run_bytes(f"{HEADING}\n{JO}\n".encode()).unchanged == 1


def test_dates_are_dates_or_text() -> None:
    rows = [
        jo_cells(employee_number=f"1000000{n}", date_of_birth=day)
        for n, day in enumerate(
            [datetime.date(1980, 4, 23), datetime.datetime(1980, 4, 23), "23/04/1980"]  # noqa: DTZ001 (a cell has none)
        )
    ]
    assert run_bytes(workbook(COLUMNS, *rows)).added == 3
    assert set(User.objects.values_list("date_of_birth", flat=True)) == {datetime.date(1980, 4, 23)}


def test_a_date_that_was_made_a_number_is_told_and_not_repeated() -> None:
    (fault,) = faults_in(workbook(COLUMNS, jo_cells(date_of_birth=29334)))
    assert fault.startswith("line 2, date_of_birth: This is not a date")
    assert "29334" not in fault


def test_numbers_are_numbers_or_text() -> None:
    heading = [*COLUMNS, "care_identity"]
    rows = [
        [*jo_cells(organisation=999, employee_number=10000001), 555512345678],
        [*jo_cells(organisation=999.0, employee_number="10000002"), "5555 1234 5679"],
    ]
    assert run_bytes(workbook(heading, *rows)).added == 2
    assert set(User.objects.values_list("employee_number", "care_identity__uid")) == {
        ("10000001", "555512345678"),
        ("10000002", "555512345679"),
    }


def test_zeros_that_a_spreadsheet_dropped_are_told() -> None:
    found = faults_in(workbook(COLUMNS, jo_cells(organisation=99, employee_number=1000001)))
    assert [fault.partition(":")[0] for fault in found] == ["line 2, organisation", "line 2, employee_number"]
    assert all("dropped the zeros at its front" in fault for fault in found)


def test_the_names_of_the_columns_may_stand_below_a_title() -> None:
    assert run_bytes(workbook([], COLUMNS, jo_cells(), above=5)).added == 1
    (fault,) = faults_in(workbook(COLUMNS, jo_cells(email="none"), above=5))
    assert fault.startswith("line 7, email:")


def test_without_names_of_columns_the_first_row_is_told() -> None:
    (fault,) = faults_in(workbook(jo_cells(), above=2))
    assert fault.startswith("line 1: This line does not name the columns")
    (fault,) = faults_in(workbook(COLUMNS, jo_cells(), above=spreadsheets.HEADING_WITHIN))
    assert fault.startswith("line 1: This line does not name the columns")
    (fault,) = faults_in(workbook())
    assert fault.startswith("The file is empty")


def test_empty_rows_and_cells_at_the_right_are_passed_over() -> None:
    rows: list[list[object]] = [[*COLUMNS, None, " "], [], [None] * 9, [*jo_cells(), None, None], []]
    assert run_bytes(workbook(*rows)).added == 1


def test_something_right_of_the_last_column_is_told() -> None:
    for far in (1, 20, 93):
        (fault,) = faults_in(workbook(COLUMNS, [*jo_cells(), *[None] * (far - 1), "note"]))
        assert fault.startswith("line 2: There is something at the right of the last column")


def test_a_hidden_column_counts_and_a_hidden_sheet_does_not() -> None:
    made = openpyxl.Workbook()
    hidden, shown = made.active, made.create_sheet("People")
    assert hidden is not None
    hidden.sheet_state = "hidden"
    hidden.append(["Lists"])
    shown.append([*COLUMNS, "payroll"])
    shown.append([*jo_cells(), "x"])
    shown.column_dimensions["H"].hidden = True
    (fault,) = faults_in(saved(made))
    assert "payroll" in fault
    assert "This column is not known" in fault


def test_the_value_of_a_formula_is_read_and_one_that_was_never_reckoned_is_missing() -> None:
    made = workbook(COLUMNS, jo_cells(given_name='="Jo"'))
    (fault,) = faults_in(made)
    assert fault.startswith("line 2, given_name: Missing")
    reckoned = sheet_of(made, lambda xml: re.sub(r"<f>.*?</f><v ?/>|<f>.*?</f><v></v>", "<f>X</f><v>Jo</v>", xml))
    reckoned = sheet_of(reckoned, lambda xml: xml.replace('<c r="C2"', '<c r="C2" t="str"'))
    assert run_bytes(reckoned).added == 1


def test_what_the_file_says_of_its_size_is_not_believed() -> None:
    made = workbook(COLUMNS, jo_cells(), jo_cells(employee_number="10000002"))
    for said in ("A1:A1", "A1:XFD1048576"):
        lying = sheet_of(made, functools.partial(saying, said))
        assert lying != made
        result = run_bytes(lying)
        assert result.added + result.unchanged == 2


def test_a_row_with_a_number_beyond_any_sheet_is_refused_at_once() -> None:
    """Threat: the library fills the gap before row 999,999,999,999 with rows."""
    made = sheet_of(workbook(COLUMNS, jo_cells()), lambda xml: xml.replace('<row r="2"', '<row r="999999999999"'))
    (fault,) = faults_in(made)
    assert fault.startswith("This spreadsheet cannot be read")


@pytest.mark.parametrize("begins", ["=1+1", "+44", "-", "@x", " =1", "＝1", "a;=1"])
def test_a_cell_that_was_kept_from_being_a_formula_is_read_as_it_was(begins: str) -> None:
    assert without_formula(begins) != begins
    assert as_it_was(without_formula(begins)) == begins
    assert as_it_was("O'Brien") == without_formula("O'Brien") == "O'Brien"
    assert as_it_was("'t Hooft") == without_formula("'t Hooft") == "'t Hooft"


def test_a_name_of_one_word_comes_back_from_an_export() -> None:
    make_user(employee_number="10000001", given_name="-", family_name="Suparman", email="jo.smith@nhs.net")
    cells = jo_cells(given_name="'-", family_name="Suparman")
    assert run_bytes(workbook(COLUMNS, cells)).unchanged == 1


# What is not opened -------------------------------------------------------------------------------------------------


def bomb(xml: str, name: str = "xl/worksheets/sheet1.xml") -> bytes:
    return repacked(workbook(COLUMNS, jo_cells()), {name: lambda _: xml.encode()})


MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'
)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (lambda: bomb(SHEET.format(" " * 5_000_000)), "unpacks to far more"),
        (lambda: bomb(" " * 5_000_000, "xl/other.xml"), "unpacks to far more"),
        (lambda: bomb(SHEET.format(f"<row r='1'>{'<c/>' * 120_000}</row>")), "unpacks to far more"),
        (lambda: bomb(SHEET.format("<a>" * 200 + "</a>" * 200)), "unpacks to far more"),
        (lambda: bomb(SHEET.format(f"<row><c t='str'><v>{'x' * 100_001}</v></c></row>")), "unpacks to far more"),
        (lambda: bomb('<!DOCTYPE a [<!ENTITY b "bbbb">]>' + SHEET.format("&b;")), "cannot be read"),
        (lambda: bomb('<!DOCTYPE a SYSTEM "file:///etc/passwd">' + SHEET.format("")), "cannot be read"),
        (lambda: bomb("<worksheet"), "cannot be read"),
        (lambda: bomb("x", "xl/vbaProject.bin"), "has macros"),
        (lambda: bomb("x", "xl/workbook.bin"), "of another kind"),
        (lambda: bomb("x", "mimetype"), "of another kind"),
        (lambda: workbook(COLUMNS, jo_cells())[:-200], "cannot be read"),
        (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500, "old Excel workbook (.xls)"),
    ],
    ids=[
        "blanks",
        "another part",
        "a row of everything",
        "deep",
        "a long cell",
        "entities",
        "external",
        "cut in the middle",
        "macros",
        "xlsb",
        "ods",
        "cut off",
        "xls",
    ],
)
def test_what_is_no_list_of_people_is_refused_with_what_to_do(content: Callable[[], bytes], says: str) -> None:
    """Threat: a file of kilobytes takes the memory of the worker that sends everybody's mail."""
    (fault,) = faults_in(content())
    assert says in fault
    assert not User.objects.exists()


def test_a_list_of_parts_that_is_long_is_not_read() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as package:
        for number in range(2_000):
            package.writestr(f"xl/{number:060}.xml", "")
    (fault,) = faults_in(made.getvalue())
    assert "unpacks to far more" in fault


def test_parts_are_counted_together(monkeypatch: pytest.MonkeyPatch) -> None:
    made = workbook(COLUMNS, jo_cells())
    texts = (
        '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">' + "<si><t>a</t></si>" * 9 + "</sst>"
    )
    made = repacked(made, {"xl/sharedStrings.xml": lambda _: texts.encode()})
    for limit, least in (("MOST_UNPACKED", 1_000), ("MOST_ELEMENTS", 50), ("MOST_TEXTS", 8)):
        with monkeypatch.context() as context:
            context.setattr(packages, limit, least)
            (fault,) = faults_in(made)
            assert "unpacks to far more" in fault
    assert run_bytes(made).added == 1


def test_a_large_part_is_read_as_what_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Threat: a sheet is said to be the list of texts, or of charts, which the library holds whole: gigabytes."""
    made = workbook(COLUMNS, *(jo_cells(employee_number=f"1{n:07}") for n in range(60)))
    monkeypatch.setattr(packages, "MOST_TOGETHER", 500)
    assert run_bytes(made).added == 60
    types, links = "[Content_Types].xml", "xl/_rels/workbook.xml.rels"
    sheet = b"spreadsheetml.worksheet+xml"
    for name, old, new in (
        (types, sheet, b"spreadsheetml.sharedStrings+xml"),
        (types, b"/xl/worksheets/sheet1.xml", b"/xl/worksheets/sheet2.xml"),
        (links, b"relationships/worksheet", b"relationships/chartsheet"),
    ):
        changed = repacked(made, {name: functools.partial(replaced, old, new)})
        assert changed != made
        (fault,) = faults_in(changed)
        assert "unpacks to far more" in fault
    (fault,) = faults_in(repacked(made, {types: lambda _: b"none"}))
    assert "cannot be read" in fault
    rows = f'<Types xmlns="{MAIN}">{"<row><c/></row>" * 400}</Types>'
    (fault,) = faults_in(repacked(made, {types: lambda _: rows.encode()}))
    assert "unpacks to far more" in fault
    moved = repacked(made, {"xl/styles.xml": lambda _: SHEET.format("<row><c/></row>" * 400).encode()})
    (fault,) = faults_in(moved)
    assert "unpacks to far more" in fault


def replaced(old: bytes, new: bytes, part: bytes) -> bytes:
    return part.replace(old, new)


def test_a_package_whose_parts_are_spelt_otherwise_is_told_so() -> None:
    content = workbook(COLUMNS, jo_cells()).replace(b"[Content_Types].xml", b"[content_types].xml")
    (fault,) = faults_in(content)
    assert "cannot be read" in fault


def test_a_web_server_does_not_load_what_reads_workbooks() -> None:
    """Each of its processes would have 8 MiB more, for what workers and commands do."""
    loads = "import django, sys; django.setup(); import esr_portal.urls; sys.exit('openpyxl' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", loads], check=False).returncode == 0
