"""From the bytes of a CSV file (RFC 4180, as spreadsheets write it) or a workbook to numbered lines of named cells."""

from __future__ import annotations

import contextlib
import csv
import dataclasses
import io
import itertools
import os
import re
from typing import TYPE_CHECKING, BinaryIO

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from people.services.people_import import packages, spreadsheets
from people.services.people_import.faults import Fault, Faulty, Progress
from people.spreadsheet_cells import as_it_was

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

REQUIRED = ("organisation", "employee_number", "given_name", "family_name", "email", "date_of_birth", "person_type")
OPTIONAL = ("username", "starts_on", "ends_on", "care_identity")
# Bounds on memory. No organisation has as many people; no fact is as long.
MOST_LINES = 200_000
LONGEST_LINE = 20_000

# What spreadsheets put between cells: commas in Britain, semicolons where the comma marks decimals.
_SEPARATORS = ",;\t"
_SPREADSHEET = gettext_lazy(
    'This is a spreadsheet, not a CSV file. In a spreadsheet, choose "Save as" and then "CSV UTF-8 (comma delimited)".'
)
_NOT_UTF8 = gettext_lazy(
    'This file is not UTF-8 text. In a spreadsheet, choose "Save as" and then "CSV UTF-8 (comma delimited)".'
)
_NO_CSV = gettext_lazy(
    'This line is very long: this is not a CSV file. In a spreadsheet, choose "Save as" and then "CSV UTF-8 (comma '
    'delimited)".'
)
_QUOTES = gettext_lazy(
    "The quotation marks that begin here do not pair up. A field in quotation marks ends with one, and one inside the "
    'field is doubled, like "Jo ""Mac"" Smith".'
)


# Which line of the file it begins on, and its cells.
Record = tuple[int, list[str]]


@dataclasses.dataclass(frozen=True, slots=True)
class Line:
    """A person as the file has them: the line they begin on, and their cells by column, without outer blanks."""

    number: int
    cells: dict[str, str]


@dataclasses.dataclass(frozen=True, slots=True)
class Table:
    """The columns a file has, and its people, or faults in their place. `lines` can be gone through once.

    After that `unseen` says what of it is hidden in a workbook.
    """

    columns: frozenset[str]
    lines: Iterator[Line | Fault]
    unseen: spreadsheets.Unseen


@contextlib.contextmanager
def read(*, file: BinaryIO, progress: Progress, may_lack: Collection[str] = ()) -> Iterator[Table]:
    """Give the table in `file` while it is being read; bytes that are not UTF-8 become lone surrogates.

    Of the columns in REQUIRED the table may lack those in `may_lack`. Raises Faulty if the heading is.
    """
    # A pipe cannot be gone back in, as a workbook has to be; as text it is told what it is.
    beginning = _beginning(file) if file.seekable() else b""
    if packages.is_old_workbook(beginning=beginning):
        raise packages.old_workbook()
    if packages.is_package(beginning=beginning):
        count = packages.check(file=file)
        unseen = spreadsheets.Unseen()
        records = spreadsheets.rows(file=file, names_columns=_names_columns, unseen=unseen)
        yield _table(records, may_lack, _counting(progress, count), unseen)
        return
    text = io.TextIOWrapper(file, encoding="utf-8-sig", errors="surrogateescape", newline="")
    try:
        yield _text_table(_physical_lines(text), may_lack, _Position(file, progress).tell)
    finally:
        # The caller, who opened the file, closes it.
        text.detach()


def _beginning(file: BinaryIO) -> bytes:
    beginning = file.read(8)
    file.seek(-len(beginning), os.SEEK_CUR)
    return beginning


def _names_columns(cells: Sequence[str]) -> bool:
    """Return whether a row names columns: at least two, since a title may be the name of one."""
    return len({_column_name(cell) for cell in cells} & set(REQUIRED)) > 1


def _text_table(physical: Iterator[str], may_lack: Collection[str], tell: Callable[[], None]) -> Table:
    first, above = _first_line(physical)
    separator = max(_SEPARATORS, key=first.count)
    records = _records(itertools.chain([first], physical), separator=separator, above=above)
    return _table(records, may_lack, tell, spreadsheets.Unseen())


def _table(
    records: Iterator[Record | Fault],
    may_lack: Collection[str],
    tell: Callable[[], None],
    unseen: spreadsheets.Unseen,
) -> Table:
    heading = next(records, None)
    if heading is None:
        raise Faulty([Fault(0, "", _empty())])
    if isinstance(heading, Fault):
        raise Faulty([heading])
    columns = _columns(*heading, may_lack)
    return Table(columns=frozenset(columns), lines=_lines(records, columns, tell), unseen=unseen)


def _physical_lines(text: io.TextIOWrapper) -> Iterator[str]:
    """Give the lines with their line ends (Unix, Windows or old Macintosh). Raises _TooLong."""
    while line := text.readline(LONGEST_LINE + 1):
        if len(line) > LONGEST_LINE:
            raise _TooLong
        yield line


class _TooLong(Exception):
    pass


def _first_line(physical: Iterator[str]) -> tuple[str, int]:
    """Return the first line that is not blank, and how many blank lines are above it. Raises Faulty."""
    skipped = 0
    try:
        for line in physical:
            if line.startswith("PK\x03\x04"):
                raise Faulty([Fault(0, "", str(_SPREADSHEET))])
            if line.startswith(("\udcff\udcfe", "\udcfe\udcff")) or "\0" in line:
                raise Faulty([Fault(skipped + 1, "", str(_NOT_UTF8))])
            if line.strip():
                return line, skipped
            skipped += 1
    except _TooLong:
        raise Faulty([Fault(skipped + 1, "", str(_NO_CSV))]) from None
    raise Faulty([Fault(0, "", _empty())])


def _empty() -> str:
    return _("The file is empty. Its first line is: %(columns)s") % {"columns": ", ".join(REQUIRED)}


def _records(physical: Iterator[str], *, separator: str, above: int) -> Iterator[Record | Fault]:
    """Give each record that is not blank, or a fault in its place; the file has `above` more lines before the first."""
    # A blank between the comma and a field in quotation marks is none of the field.
    reader = csv.reader(physical, delimiter=separator, strict=True, skipinitialspace=True)
    while True:
        begins_on = above + reader.line_num + 1
        try:
            cells = [cell.strip() for cell in next(reader)]
        except StopIteration:
            return
        except csv.Error:
            yield Fault(begins_on, "", str(_QUOTES))
        except _TooLong:
            yield Fault(above + reader.line_num + 1, "", _("This line is too long. A line break may be missing."))
            return
        else:
            if any(cells):
                yield begins_on, cells


def _column_name(cell: str) -> str:
    return re.sub(r"[\s_-]+", "_", cell).lower()


def _columns(number: int, heading: list[str], may_lack: Collection[str]) -> list[str]:
    """Return the columns that the heading names. Raises Faulty when one is missing, unknown or there twice."""
    while not heading[-1]:
        heading.pop()
    columns = [_column_name(cell) for cell in heading]
    if not set(columns) & set(REQUIRED):
        raise Faulty([_no_heading(number, heading)])
    missing = [column for column in REQUIRED if column not in {*columns, *may_lack}]
    faults = [Fault(number, column, _("This column is missing.")) for column in missing]
    faults += filter(None, (_column_fault(number, columns[: place + 1]) for place in range(len(columns))))
    if faults:
        raise Faulty(faults)
    return columns


def _no_heading(number: int, cells: list[str]) -> Fault:
    """Return the fault of a line that names no column at all: of a picture, it is in no letters."""
    if not all(cell.isprintable() for cell in cells):
        return Fault(0, "", str(_NOT_UTF8))
    problem = _("This line does not name the columns. Write: %(columns)s") % {"columns": ", ".join(REQUIRED)}
    return Fault(number, "", problem)


def _column_fault(number: int, so_far: list[str]) -> Fault | None:
    """Return the fault of the last of the columns `so_far`, where it has one."""
    *before, column = so_far
    if not column:
        return Fault(number, "", _("Column %(number)s has no name. Name it, or delete it.") % {"number": len(so_far)})
    if column not in REQUIRED + OPTIONAL:
        known = ", ".join(REQUIRED + OPTIONAL)
        return Fault(
            number,
            _shown(column),
            _("This column is not known. Delete it. The columns are: %(known)s.") % {"known": known},
        )
    return Fault(number, column, _("This column is there twice. Delete one.")) if column in before else None


def _lines(records: Iterator[Record | Fault], columns: list[str], tell: Callable[[], None]) -> Iterator[Line | Fault]:
    count = 0
    for count, record in enumerate(records, start=1):
        if isinstance(record, Fault):
            yield record
            continue
        if count > MOST_LINES:
            yield Fault(
                record[0],
                "",
                _("The file has more than %(number)s people. Split it into several files.")
                % {"number": f"{MOST_LINES:,}"},
            )
            return
        if count % 1000 == 0:
            tell()
        yield _line(*record, columns)
    if not count:
        yield Fault(0, "", _("There is nobody in this file below the names of the columns."))


def _line(number: int, cells: list[str], columns: list[str]) -> Line | Fault:
    while len(cells) > len(columns) and not cells[-1]:
        cells.pop()
    if len(cells) == len(columns):
        return Line(number, dict(zip(columns, map(as_it_was, cells), strict=True)))
    if len(cells) < len(columns):
        return Fault(
            number,
            "",
            _("Too few fields: %(cells)s instead of %(columns)s.") % {"cells": len(cells), "columns": len(columns)},
        )
    return Fault(
        number,
        "",
        _(
            "Too many fields: %(cells)s instead of %(columns)s. Put quotation marks around a field that has a "
            "comma in it."
        )
        % {"cells": len(cells), "columns": len(columns)},
    )


def _shown(column: str) -> str:
    """Return a heading that is not known so that it can be printed."""
    return ascii(column[:40])


class _Position:
    """How far into the file the reading is, in bytes."""

    def __init__(self, file: BinaryIO, progress: Progress) -> None:
        self._file, self._progress = file, progress
        self._size = 0
        # A pipe has no size, and something in memory no descriptor.
        with contextlib.suppress(OSError):
            self._size = os.fstat(file.fileno()).st_size

    def tell(self) -> None:
        with contextlib.suppress(OSError):
            self._progress(step="Checking", done=self._file.tell(), of=self._size)


def _counting(progress: Progress, count: int) -> Callable[[], None]:
    """Return what is called for each thousand rows out of `count`."""
    thousands = itertools.count(1)

    def tell() -> None:
        progress(step="Checking", done=min(1000 * next(thousands), count), of=count)

    return tell
