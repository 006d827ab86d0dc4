"""The parts that a password is read as, and the ways a word in it is mangled."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

_THREE_LETTERS = re.compile(r"[^\W\d_]{3}")


class Kind(Enum):
    """What a part of a password is."""

    COMMON_PASSWORD = "common_password"  # noqa: S105
    WORD = "word"
    OWN_WORD = "own_word"
    FILLER = "filler"
    YEAR = "year"
    DATE = "date"
    MONTH_OR_SEASON = "month_or_season"
    NUMBER = "number"
    POSTCODE = "postcode"
    KEYS = "keys"
    IN_ORDER = "in_order"
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
    SPACES = "spaces"
    A_SYMBOL_INSIDE = "a_symbol_inside"
    SYMBOLS_INSIDE = "symbols_inside"
    A_SPACE_INSIDE = "a_space_inside"
    SPACES_INSIDE = "spaces_inside"
    DOUBLED = "doubled_letters"
    LOOK_ALIKES = "look-alikes"


def how_separated(text: str) -> Mangling:
    """Return in which way marks stand in a word or a password: between its letters, or here and there."""
    marks = [c for c in text if not c.isalnum()]
    are_spaces = all(map(str.isspace, marks))
    # No more than two letters stand together: pa.ss.wo.rd
    if len(marks) > 1 and not _THREE_LETTERS.search(text):
        return Mangling.SPACES if are_spaces else Mangling.SEPARATORS
    if len(marks) == 1:
        return Mangling.A_SPACE_INSIDE if are_spaces else Mangling.A_SYMBOL_INSIDE
    return Mangling.SPACES_INSIDE if are_spaces else Mangling.SYMBOLS_INSIDE


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
