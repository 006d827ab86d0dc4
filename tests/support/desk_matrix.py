"""Every address of the admin, by the role of its caller and whose record it is: what comes of it, as a table.

`python -m tests.support.desk_matrix` writes it into docs/security.md; tests/security/test_helpdesk_matrix.py holds the
portal against it.
"""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "security.md"
BEGIN = "<!-- roles: written by python -m tests.support.desk_matrix -->"
END = "<!-- roles: end -->"

# In the order of the columns.
ROLES = ("agent", "lead", "auditor", "organisation_admin", "national_admin")
HEADINGS = ("agent", "lead", "auditor", "organisation administrator", "national administrator")
# `yes`: answered, and done where it is sent. `no`: 403. `gone`: 404, as for a record that there is not.
RESULTS = {"yes": "yes", "no": "no", "gone": "not found"}

# A line each: name of the address, method, whose record it is ("own" and "other" organisation, "self", "more" for a
# person of the own organisation with more rights than the caller, "-" where it is about none), and what comes of it.
_TABLE = Path(__file__).with_suffix(".txt")


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    """One address, asked for in one way, about one kind of record."""

    name: str
    method: str
    whose: str
    results: tuple[str, ...]


def rows() -> list[Row]:
    """Return the rows of the table."""
    split = (line.split() for line in _TABLE.read_text(encoding="utf-8").splitlines())
    return [Row(name, method, whose, tuple(results)) for name, method, whose, *results in split]


def as_markdown() -> str:
    """Return the table as the document has it, between its marks: what is alike stands in one row."""
    alike: dict[tuple[str, str, tuple[str, ...]], list[str]] = {}
    for row in rows():
        alike.setdefault((row.name, row.method, row.results), []).append(row.whose)
    lines = [["address", "method", "record", *HEADINGS], ["---"] * (3 + len(ROLES))]
    lines += [
        [f"`{name}`", method, ", ".join(whose), *(RESULTS[result] for result in results)]
        for (name, method, results), whose in alike.items()
    ]
    return "\n".join([BEGIN, "", *(f"| {' | '.join(line)} |" for line in lines), "", END])


def with_table(document: str) -> str:
    """Return the text of the document with the table of today in it."""
    return re.sub(re.escape(BEGIN) + ".*?" + re.escape(END), lambda _: as_markdown(), document, flags=re.DOTALL)


def main() -> None:
    """Write the table into the document."""
    DOCUMENT.write_text(with_table(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
