"""Each table of the database, field by field, as docs/data.md has it.

`python -m tests.support.data_table` writes it there; tests/site/test_inventory.py holds the database against it.
"""

from __future__ import annotations

import re
from pathlib import Path

from accounts.personal_data import TABLES

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "data.md"
BEGIN = "<!-- fields: written by python -m tests.support.data_table -->"
END = "<!-- fields: end -->"


def as_markdown() -> str:
    """Return the table as the document has it, between its marks: those about people, and then the others' names."""
    lines = [["table", "handed out", "in full alone", "kept back", "at erasure"], ["---"] * 5]
    for table in TABLES.values():
        if table.is_about_people:
            lists = [names.replace(" ", ", ") or "-" for names in (table.told, table.in_full, table.kept_back)]
            lines.append([f"`{table.label}`", *lists, table.at_erasure.value])
    others = ", ".join(f"`{table.label}`" for table in TABLES.values() if not table.is_about_people)
    return "\n".join(
        [
            BEGIN,
            "",
            *(f"| {' | '.join(line)} |" for line in lines),
            "",
            f"No field is about a person: {others}.",
            "",
            END,
        ]
    )


def with_table(document: str) -> str:
    """Return the text of the document with the table of today in it."""
    return re.sub(re.escape(BEGIN) + ".*?" + re.escape(END), lambda _: as_markdown(), document, flags=re.DOTALL)


def main() -> None:
    """Write the table into the document."""
    DOCUMENT.write_text(with_table(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
