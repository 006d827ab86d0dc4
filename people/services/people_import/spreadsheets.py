"""From a workbook (XLSX) to rows of text: its first sheet that is not hidden, from the row of the column names on."""

from __future__ import annotations

import datetime
import warnings
from typing import TYPE_CHECKING, Any, BinaryIO

from django.utils.translation import gettext as _
from openpyxl import load_workbook

from people.services.people_import import packages
from people.services.people_import.faults import Fault, Faulty

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

# Titles and notes may stand above the row that names the columns.
HEADING_WITHIN = 20
# Far beyond those of any list of people. A cell further right is told of where it is in the next one.
MOST_COLUMNS = 100
# A sheet has no more (Excel, "Specifications and limits"). The library fills gaps, whatever number a row says it has.
MOST_ROWS = 1_048_576

Row = tuple[int, list[str]]

# Of what it leaves out: charts, styles, extensions.
warnings.filterwarnings("ignore", module=r"openpyxl\.")


def rows(*, file: BinaryIO, names_columns: Callable[[Sequence[str]], bool]) -> Iterator[Row | Fault]:
    """Give the row that names the columns, and each that is not blank below it, as wide as that one; or a fault.

    `names_columns` recognises it; where it recognises none of the first HEADING_WITHIN, the first is all there is.
    Raises Faulty where the workbook cannot be read. `packages.check` comes before.
    """
    heading: list[str] | None = None
    above: list[Row] = []
    for number, cells in _rows(file):
        if not any(cells):
            continue
        if heading is not None:
            yield _as_wide(number, cells, len(heading))
            continue
        above.append((number, cells))
        if names_columns(cells):
            heading = _without_blanks_at_the_right(cells)
            yield number, heading
        elif len(above) == HEADING_WITHIN:
            break
    if heading is None:
        # It is told that this row names no columns.
        yield from above[:1]


def _without_blanks_at_the_right(cells: list[str]) -> list[str]:
    return cells[: max(place for place, cell in enumerate(cells, start=1) if cell)]


def _as_wide(number: int, cells: list[str], width: int) -> Row | Fault:
    if any(cells[width:]):
        return Fault(number, "", _("There is something at the right of the last column that has a name. Delete it."))
    return number, cells[:width]


def _rows(file: BinaryIO) -> Iterator[Row]:
    """Give the rows of the sheet, numbered as the spreadsheet shows them. Raises Faulty."""
    try:
        workbook = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        # The cells may be more than the file says, and fewer.
        sheet: Any = next(sheet for sheet in workbook.worksheets if sheet.sheet_state == "visible")
        sheet.reset_dimensions()
        for number, cells in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS + 1, values_only=True), start=1):
            if number > MOST_ROWS:
                raise Faulty([Fault(0, "", str(packages.BROKEN))])
            yield number, [_as_text(cell) for cell in cells]
    except (GeneratorExit, Faulty, MemoryError):
        raise
    except Exception as error:
        # Whatever is wrong with a part of the file, the library says so in one of a dozen ways.
        raise Faulty([Fault(0, "", str(packages.BROKEN))]) from error


def _as_text(cell: object) -> str:
    """Return what a cell holds as a person would type it."""
    match cell:
        case None:
            return ""
        case str():
            return cell.strip()
        case bool():
            return str(cell).upper()
        case float() if cell.is_integer():
            return str(int(cell))
        case datetime.datetime() if cell.time() == datetime.time():
            return cell.date().isoformat()
        case datetime.datetime():
            return cell.isoformat(" ", "minutes")
    return str(cell)
