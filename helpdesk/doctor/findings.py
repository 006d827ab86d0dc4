"""What a check says: how bad it is, what is wrong and how to mend it. Never a secret, and never a person."""

from __future__ import annotations

import dataclasses
import enum
from typing import TYPE_CHECKING

from accounts.models.check_up import Reach

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


class Severity(enum.IntEnum):
    """How bad it is, and what `manage.py doctor` ends with: 0 up to advice, 1 for a warning, 2 for a failure."""

    GOOD = 0
    # It works. It would be better otherwise, or the doctor cannot see it.
    ADVICE = 1
    # It works today: something is late, nearly over, or weaker than it should be.
    WARNING = 2
    # It does not work, or protects nothing.
    FAILURE = 3

    @property
    def word(self) -> str:
        """The word for it, in small letters."""
        return self.name.lower()


@dataclasses.dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found: `what` is a sentence, and `mend` one that says what to do, "" where it is good."""

    severity: Severity
    what: str
    mend: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Found:
    """A finding, and of which check it is."""

    check: str
    finding: Finding

    def as_json(self) -> dict[str, str]:
        """Return it as --json and the database have it."""
        one = self.finding
        return {"check": self.check, "severity": one.severity.word, "what": one.what, "mend": one.mend}

    @classmethod
    def from_json(cls, given: Mapping[str, str]) -> Found:
        """Return what `as_json` made of one. Raises KeyError where it is of another version."""
        severity = Severity[given["severity"].upper()]
        return cls(given["check"], Finding(severity, given["what"], given["mend"]))


def good(what: str) -> Finding:
    """Return that something is as it should be."""
    return Finding(Severity.GOOD, what)


def advice(what: str, mend: str) -> Finding:
    """Return what would be better otherwise."""
    return Finding(Severity.ADVICE, what, mend)


def warning(what: str, mend: str) -> Finding:
    """Return what works today, and should be mended soon."""
    return Finding(Severity.WARNING, what, mend)


def failure(what: str, mend: str) -> Finding:
    """Return what does not work."""
    return Finding(Severity.FAILURE, what, mend)


@dataclasses.dataclass(frozen=True, slots=True)
class Check:
    """One check: its name, what makes it, and what it asks on the way."""

    name: str
    make: Callable[[], Iterable[Finding]]
    # None: nothing but this machine and the database.
    reach: Reach | None = None
    needs_database: bool = False


def exit_code(found: Iterable[Found]) -> int:
    """Return what a command ends with: 0 where there is advice at most, 1 where there is a warning, 2 for a failure."""
    worst = max((each.finding.severity for each in found), default=Severity.GOOD)
    return max(0, worst - Severity.ADVICE)
