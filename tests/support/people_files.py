"""Files of people, as an organisation sends them."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import openpyxl
import pytest

from people.services import people_import

if TYPE_CHECKING:
    from collections.abc import Sequence

HEADING = "organisation,employee_number,given_name,family_name,email,date_of_birth,person_type"
JO = "999,10000001,Jo,Smith,jo.smith@nhs.net,1980-04-23,staff"
ANN = "999,10000002,Ann,O'Brien,ann@example.org,23/04/1990,volunteer"


def jo(**facts: str) -> str:
    """Return Jo Smith's line with other facts."""
    cells = dict(zip(HEADING.split(","), JO.split(","), strict=True)) | facts
    return ",".join(cells.values())


def run(*lines: str, heading: str = HEADING, end: str = "\n") -> people_import.Result:
    """Import a file of these lines."""
    return run_bytes(end.join([heading, *lines, ""]).encode())


def run_bytes(content: bytes) -> people_import.Result:
    """Import a file of these bytes."""
    return people_import.run(file=io.BytesIO(content))


def faults(*lines: str, heading: str = HEADING) -> list[str]:
    """Return the faults of a file of these lines, as the operator reads them."""
    return faults_in("\n".join([heading, *lines, ""]).encode())


def faults_in(content: bytes) -> list[str]:
    """Return the faults of a file of these bytes, as the operator reads them."""
    with pytest.raises(people_import.Faulty) as faulty:
        run_bytes(content)
    return [str(fault) for fault in faulty.value.faults]


def workbook(*rows: Sequence[object], above: int = 0, title: str = "People") -> bytes:
    """Return a workbook whose one sheet has these rows, below `above` rows with a title in them."""
    made = openpyxl.Workbook()
    sheet = made.active
    assert sheet is not None
    sheet.title = title
    for _ in range(above):
        sheet.append(["Starters of November"])
    for row in rows:
        sheet.append(list(row))
    return saved(made)


def saved(made: openpyxl.Workbook) -> bytes:
    """Return the bytes of a workbook."""
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def jo_cells(**facts: object) -> list[object]:
    """Return Jo Smith's row with other facts."""
    return list((dict(zip(HEADING.split(","), JO.split(","), strict=True)) | facts).values())
