"""Cells of the tables that people download: no spreadsheet runs one as a formula, and an import reads it as it was."""

from __future__ import annotations

import re

# What a spreadsheet takes for the beginning of a formula, in full-width forms too (OWASP, CSV Injection).
_BEGINS = "=+\\-@＝＋－＠"
# Where its separator is a semicolon, what stands behind one may be a cell by itself, in spite of all quotes.
_FORMULA = re.compile(rf"\A(?=[\t\r\n]|\s*[{_BEGINS}])|(?<=;)(?=\s*[{_BEGINS}])")
_DEFUSED = re.compile(rf"\A'(?=[\t\r\n]|\s*[{_BEGINS}])|(?<=;)'(?=\s*[{_BEGINS}])")


def without_formula(cell: object) -> str:
    """Return a cell as a table holds it: with an apostrophe before what a spreadsheet would take for a formula."""
    return _FORMULA.sub("'", str(cell))


def as_it_was(cell: str) -> str:
    """Return what `without_formula` was given: a table that was downloaded can be imported again."""
    return _DEFUSED.sub("", cell) if "'" in cell else cell
