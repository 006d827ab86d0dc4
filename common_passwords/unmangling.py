"""The ways to unmangle a whole password before it is read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from common_passwords import costs
from common_passwords.characters import (
    compatible,
    in_latin,
    irregular_capitals,
    plain,
    shortened,
    unshifted,
    without_look_alikes,
)
from common_passwords.parts import Mangling, how_separated

# Where two pieces of three letters or more were put together: by a mark that is no leetspeak, or by a capital.
_PUT_TOGETHER_BY_MARKS = re.compile(r"(?<=[^\W\d_]{3})[-_ ./\\,;:&*#~=?%^]+(?=[^\W\d_]{3})")
_PUT_TOGETHER_BY_CAPITALS = re.compile(r"(?<=[A-Za-z][a-z]{2})(?=[A-Z][a-z]{2})")
_PIECES_BY_CAPITALS = re.compile(r"[A-Z]?[a-z]+|[A-Z]")
_SHORTEST_PIECE = 3
# From so many changes between digits and others on, they are woven into each other: p1a2s3s4
_WOVEN = 5
# A password with more different marks than this has no separators, but marks.
_MOST_SEPARATORS = 2


@dataclass(frozen=True, slots=True)
class Unmangled:
    """A password unmangled in one way: what is left to read, and what the mangling cost."""

    text: str
    bits: float
    boundaries: frozenset[int] = frozenset()
    mangling: frozenset[Mangling] = frozenset()


def ways_to_unmangle(password: str) -> Iterator[Unmangled]:
    """Yield the plain text of a password, and what else it may be underneath."""
    text = plain(password)
    capitals = min(costs.MOST_FOR_CAPITALS, costs.IRREGULAR_CAPITAL * irregular_capitals(password))
    boundaries = _boundaries(password, text)
    yield Unmangled(text, capitals, boundaries)
    marks = [c for c in text if not c.isalnum()]
    cost_of_marks = costs.EACH_MARK_LEFT_OUT * len(set(marks))
    if 0 < len(set(marks)) <= _MOST_SEPARATORS and not boundaries:
        bits = capitals + costs.MARKS_LEFT_OUT + cost_of_marks
        yield Unmangled(_only(str.isalnum, text), bits, mangling=frozenset({how_separated(text)}))
    yield from _in_other_letters(text, capitals, marks)
    if _is_woven(text):
        woven = f"{_only(str.isalpha, text)} {_only(str.isdigit, text)}"
        yield Unmangled(woven, capitals + costs.WOVEN + cost_of_marks)


def _in_other_letters(text: str, capitals: float, marks: list[str]) -> Iterator[Unmangled]:
    """Yield a plain text in the letters that it looks like, in those that it sounds like, and without Shift."""
    if (latin := without_look_alikes(text)) != text:
        yield Unmangled(latin, capitals + costs.LOOK_ALIKES, mangling=frozenset({Mangling.LOOK_ALIKES}))
    # Most scripts have no letter that looks like a Latin one, and all sound like some.
    if (sounded := shortened(in_latin(text))) != text:
        yield Unmangled(sounded, capitals + costs.IN_ANOTHER_SCRIPT)
    if latin == text and len(marks) > 1:
        for keys in unshifted(text):
            yield Unmangled(keys, capitals + costs.SHIFT + costs.EACH_SHIFTED * len(marks))


def _only(is_wanted: Callable[[str], bool], text: str) -> str:
    return "".join(filter(is_wanted, text))


def _is_woven(text: str) -> bool:
    """Return whether digits and others are woven into each other."""
    return sum(a.isdigit() != b.isdigit() for a, b in pairwise(text)) >= _WOVEN


def _boundaries(password: str, text: str) -> frozenset[int]:
    """Return the places of `text` where words were plainly put together, if it is three words or more."""
    found = {match.end() for match in _PUT_TOGETHER_BY_MARKS.finditer(text)}
    written = compatible(password)
    # Where one piece is shorter, the capitals are mangling; and a text of another length has its letters elsewhere.
    pieces = _PIECES_BY_CAPITALS.findall(written)
    if len(written) == len(text) and all(len(piece) >= _SHORTEST_PIECE for piece in pieces):
        found |= {match.end() for match in _PUT_TOGETHER_BY_CAPITALS.finditer(written)}
    return frozenset(found) if len(found) > 1 else frozenset()
