"""Adding and updating people from a CSV file or a workbook: all of it, or, where any line is faulty, nothing.

`reading` turns bytes into lines, `checking` lines into facts, `applying` facts into rows of the database.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from people.services.people_import import applying, checking, reading
from people.services.people_import.applying import Result
from people.services.people_import.faults import Fault, Faulty, Progress, no_progress

if TYPE_CHECKING:
    from accounts.models import User

__all__ = ["Fault", "Faulty", "Progress", "Result", "run"]


def run(*, file: BinaryIO, by: User | None = None, progress: Progress = no_progress) -> Result:
    """Import the people in `file`, CSV or a workbook, open for bytes; return how many were added, changed, unchanged.

    People are matched by organisation and ESR number. Those who are not in the file stay as they are; usernames,
    passwords, rights and who is active are never touched. Raises Faulty, with every fault, before anything is changed.
    """
    with reading.read(file=file, progress=progress) as table:
        checked = checking.check(table=table)
    return applying.apply(checked=checked, by=by, progress=progress)
