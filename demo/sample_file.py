"""A file of people for the lead to import: one who is new, one whose name changes, and a line with a fault."""

from __future__ import annotations

from typing import TYPE_CHECKING

from demo.cast import CAST, SHARED_DOMAIN
from demo.situations import Situation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from demo.cast import Part

_COLUMNS = ("organisation", "employee_number", "given_name", "family_name", "email", "date_of_birth", "person_type")
_NEW = ("101", "10000190", "Sam", "Whitfield", f"sam.whitfield@{SHARED_DOMAIN}", "1998-05-04", "staff")
# There is no such day.
_FAULTY = ("101", "10000191", "Toby", "Marsh", f"toby.marsh@{SHARED_DOMAIN}", "1990-02-31", "staff")


def rows() -> Sequence[Sequence[str]]:
    """Return the table, its headings first."""
    return (_COLUMNS, _NEW, _renamed(next(part for part in CAST if part.situation is Situation.MUST_CHANGE)), _FAULTY)


def _renamed(part: Part) -> Sequence[str]:
    born, name = part.date_of_birth.isoformat(), f"{part.family_name}-Cole"
    return (part.organisation, part.employee_number, part.given_name, name, part.email, born, part.person_type.value)
