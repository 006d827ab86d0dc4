"""The parts that a password is read as, and the ways a word in it is mangled."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What a part of a password is."""

    COMMON_PASSWORD = "common password"  # noqa: S105
    WORD = "word"
    OWN_WORD = "own word"
    FILLER = "filler"
    YEAR = "year"
    DATE = "date"
    MONTH_OR_SEASON = "month or season"
    NUMBER = "number"
    KEYS = "keys"
    IN_ORDER = "in order"
    REPEAT = "repeat"
    MIRRORED = "mirrored"
    LETTER = "letter"
    DIGIT = "digit"
    MARK = "mark"


class Mangling(Enum):
    """What was done to a word, or to the whole password."""

    BACKWARDS = "backwards"
    LEETSPEAK = "leetspeak"
    SEPARATORS = "separators"
    DOUBLED = "doubled letters"
    LOOK_ALIKES = "look-alikes"


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a reading: the characters from `start` up to `end`, what they are, and how they are mangled."""

    start: int
    end: int
    kind: Kind
    mangling: frozenset[Mangling] = frozenset()


@dataclass(frozen=True, slots=True)
class Reading:
    """A whole password read as parts, with the bits that guessing it costs."""

    text: str
    parts: tuple[Part, ...]
    bits: float
    mangling: frozenset[Mangling] = frozenset()

    def of(self, part: Part) -> str:
        """Return the characters of a part."""
        return self.text[part.start : part.end]
