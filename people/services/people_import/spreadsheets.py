"""From a workbook (XLSX) to rows of text: its first sheet that is not hidden, from the row of the column names on.

Rows and columns that are hidden, by a filter too, are read as the others are, as in a CSV file of the same sheet. They
are counted, so that a person who sees fewer rows than are read is told.
"""

from __future__ import annotations

import dataclasses
import datetime
import warnings
from typing import TYPE_CHECKING, Any, BinaryIO

from django.utils.translation import gettext as _

from people.services.people_import import packages
from people.services.people_import.faults import Fault, Faulty

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

# Titles and notes may stand above the row that names the columns.
HEADING_WITHIN = 20
# Far beyond those of any list of people. A cell further right is told of where it is in the next one.
MOST_COLUMNS = 100
# A sheet has no more (Excel, "Specifications and limits").
MOST_ROWS = 1_048_576
# A sheet's name has 31 characters at most (the same).
_LONGEST_NAME = 31

Row = tuple[int, list[str]]


@dataclasses.dataclass(slots=True)
class Unseen:
    """What the person does not see of what is read, once all rows were, and which sheet it was."""

    lines: int = 0
    columns: list[str] = dataclasses.field(default_factory=list)
    # Only where there are others that are not hidden.
    sheet: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class _Cells:
    number: int
    cells: list[str]
    is_hidden: bool


# Of what it leaves out: charts, styles, extensions.
warnings.filterwarnings("ignore", module=r"openpyxl\.")


def rows(*, file: BinaryIO, names_columns: Callable[[Sequence[str]], bool], unseen: Unseen) -> Iterator[Row | Fault]:
    """Give the row that names the columns, and each that is not blank below it, as wide as that one; or a fault.

    `names_columns` recognises it; where it recognises none of the first HEADING_WITHIN, the first is all there is.
    What is hidden goes into `unseen`. Raises Faulty where the workbook cannot be read. `packages.check` comes before.
    """
    heading: list[str] | None = None
    above: list[Row] = []
    sheet = _Sheet(file, unseen)
    for row in sheet.rows():
        if not any(row.cells):
            continue
        if heading is not None:
            unseen.lines += row.is_hidden
            yield _as_wide(row.number, row.cells, len(heading))
            continue
        above.append((row.number, row.cells))
        if names_columns(row.cells):
            heading = _without_blanks_at_the_right(row.cells)
            unseen.columns += [name for place, name in enumerate(heading, start=1) if name and sheet.hides(place)]
            yield row.number, heading
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


class _Sheet:
    """The sheet that is read, as the library parses it: its own reading of rows does not tell which are hidden."""

    def __init__(self, file: BinaryIO, unseen: Unseen) -> None:
        self._file, self._unseen = file, unseen
        self._parser: Any = None

    def rows(self) -> Iterator[_Cells]:
        """Give the rows, numbered as the spreadsheet shows them. Raises Faulty."""
        try:
            yield from self._rows()
        except (GeneratorExit, Faulty, MemoryError):
            raise
        except Exception as error:
            # Whatever is wrong with a part of the file, the library says so in one of a dozen ways.
            raise _broken() from error

    def hides(self, place: int) -> bool:
        """Return whether the column at `place`, from 1 on, is hidden. Columns come before rows. Raises Faulty."""
        of_columns = self._parser.column_dimensions.values()
        try:
            return any(_is_hidden(each) and int(each["min"]) <= place <= int(each["max"]) for each in of_columns)
        except (KeyError, ValueError) as error:
            raise _broken() from error

    def _rows(self) -> Iterator[_Cells]:
        # Some 8 MiB, which no web server needs: workers and commands read workbooks.
        from openpyxl import load_workbook
        from openpyxl.worksheet._reader import WorkSheetParser

        workbook: Any = load_workbook(self._file, read_only=True, data_only=True, keep_links=False)
        shown = [sheet for sheet in workbook.worksheets if sheet.sheet_state == "visible"]
        if len(shown) > 1:
            self._unseen.sheet = "".join(filter(str.isprintable, shown[0].title))[:_LONGEST_NAME]
        with shown[0]._get_source() as source:
            self._parser = WorkSheetParser(
                source,
                shown[0]._shared_strings,
                data_only=True,
                epoch=workbook.epoch,
                date_formats=workbook._date_formats,
                timedelta_formats=workbook._timedelta_formats,
            )
            last = 0
            for number, cells in self._parser.parse():
                if not last < number <= MOST_ROWS:
                    raise _broken()
                last = number
                # It would keep one for each row.
                dimensions = self._parser.row_dimensions.pop(str(number), {})
                yield _Cells(number, _in_their_places(cells), _is_hidden(dimensions))


def _broken() -> Faulty:
    return Faulty([Fault(0, "", str(packages.BROKEN))])


def _is_hidden(attributes: Mapping[str, str]) -> bool:
    # ISO/IEC 29500-1, 22.9.2.1: a boolean is written in two ways.
    return attributes.get("hidden") in {"1", "true"}


def _in_their_places(cells: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the texts of a row's cells, as far as there may be columns. Not every cell is in the file."""
    texts = [""] * (MOST_COLUMNS + 1)
    for cell in cells:
        if 1 <= cell["column"] <= len(texts):
            texts[cell["column"] - 1] = _as_text(cell["value"])
    return texts


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
