"""What is wrong with a file, in words for the operator who mends it; and how far an import is."""

from __future__ import annotations

import dataclasses
from typing import Protocol

from django.utils.translation import gettext as _


@dataclasses.dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing to mend.

    `line` counts as a text editor or a spreadsheet does (0: the file as a whole); `column` is "" where it is the whole
    line. `problem` is a sentence, and `says` what the file says where that may be repeated: never a date of birth.
    """

    line: int
    column: str
    problem: str
    says: str = ""

    def sentences(self) -> str:
        """Return the problem, and what the file says."""
        if not self.says:
            return self.problem
        return _('%(problem)s The file says "%(cell)s".') % {"problem": self.problem, "cell": self.says}

    def __str__(self) -> str:
        problem = self.sentences()
        facts = {"line": self.line, "column": self.column, "problem": problem}
        if self.line and self.column:
            return _("line %(line)s, %(column)s: %(problem)s") % facts
        if self.line:
            return _("line %(line)s: %(problem)s") % facts
        return f"{self.column}: {problem}" if self.column else problem


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
