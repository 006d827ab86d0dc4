"""What is wrong with a file, in words for the operator who mends it; and how far an import is."""

from __future__ import annotations

import dataclasses
from typing import Protocol

from django.utils.translation import gettext as _


@dataclasses.dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing to mend.

    `line` counts as a text editor does (0: the file as a whole); `column` is "" where it is the whole line. `problem`
    is a sentence; it may quote what the file says, but never a date of birth.
    """

    line: int
    column: str
    problem: str

    def __str__(self) -> str:
        facts = {"line": self.line, "column": self.column, "problem": self.problem}
        if self.line and self.column:
            return _("line %(line)s, %(column)s: %(problem)s") % facts
        if self.line:
            return _("line %(line)s: %(problem)s") % facts
        return f"{self.column}: {self.problem}" if self.column else self.problem


class Faulty(Exception):
    """The file has faults, all of them in `faults` by line; nothing was changed."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults


class Progress(Protocol):
    """Told now and then how far an import is: `done` out of `of`, in the step with this name."""

    def __call__(self, *, step: str, done: int, of: int) -> None:
        """Take note of it."""


def no_progress(*, step: str, done: int, of: int) -> None:
    """Show no progress."""
