"""Which of the names of organisations fit what a person typed: words in any spelling, acronyms, one letter wrong."""

from __future__ import annotations

import dataclasses
import functools
from typing import TYPE_CHECKING

from accounts.folding import joined, pieces, words

if TYPE_CHECKING:
    from collections.abc import Callable

# People write names with and without these.
_SMALL_WORDS = frozenset({"and", "for", "of", "the"})
# What an acronym may leave out: KCH is King's College Hospital NHS Foundation Trust, GSTT Guy's and St Thomas'.
_LEFT_OUT = (frozenset[str](), _SMALL_WORDS, _SMALL_WORDS | {"nhs"}, _SMALL_WORDS | {"nhs", "foundation"})
SHORTEST_ACRONYM = 2
# A shorter word is in the middle of too many.
SHORTEST_IN_THE_MIDDLE = 3
# With a letter wrong, a shorter one is another word.
SHORTEST_WITH_A_SLIP = 4


@dataclasses.dataclass(frozen=True, slots=True)
class _Name:
    words: frozenset[str]
    acronyms: frozenset[str]


def fits(*, name: str, typed: str) -> bool:
    """Return whether each word of `typed` is in a name, or all of it is the beginning of the name's acronym."""
    return _is_acronym(name, typed) or _all_words_fit(name, typed, _is_in)


def nearly_fits(*, name: str, typed: str) -> bool:
    """Return whether each word of `typed` begins a word of a name with at most one letter wrong."""
    return _all_words_fit(name, typed, _is_nearly_in)


def _is_acronym(name: str, typed: str) -> bool:
    split = pieces(typed)
    return (
        len(split) == 1
        and len(joined(split[0])) >= SHORTEST_ACRONYM
        and any(acronym.startswith(joined(split[0])) for acronym in _read(name).acronyms)
    )


def _all_words_fit(name: str, typed: str, is_in: Callable[[str, frozenset[str]], bool]) -> bool:
    split = pieces(typed)
    telling = [parts for parts in split if joined(parts) not in _SMALL_WORDS] or split
    named = _read(name).words
    return bool(telling) and all(
        is_in(joined(parts), named) or all(is_in(part, named) for part in parts) for parts in telling
    )


@functools.lru_cache(maxsize=1000)
def _read(name: str) -> _Name:
    """Return what a name is found by. There are at most a thousand organisations: their codes have three digits."""
    split = pieces(name)
    kept = ([parts for parts in split if joined(parts) not in left_out] for left_out in _LEFT_OUT)
    return _Name(
        words=frozenset(words(name)),
        acronyms=frozenset("".join(parts[0][0] for parts in those) for those in kept),
    )


def _is_in(typed: str, named: frozenset[str]) -> bool:
    in_the_middle = len(typed) >= SHORTEST_IN_THE_MIDDLE
    return any(typed in word if in_the_middle else word.startswith(typed) for word in named)


def _is_nearly_in(typed: str, named: frozenset[str]) -> bool:
    if _is_in(typed, named):
        return True
    # An invisible mark is no slip of the finger.
    if len(typed) < SHORTEST_WITH_A_SLIP or not typed.isprintable():
        return False
    lengths = (len(typed) - 1, len(typed), len(typed) + 1)
    return any(_is_one_slip_apart(typed, word[:length]) for word in named for length in lengths)


def _is_one_slip_apart(one: str, other: str) -> bool:
    """Return whether one letter is wrong, missing or too many, or two are in each other's place."""
    same = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    rest, others = one[same:], other[same:]
    return (
        rest[1:] == others[1:]
        or rest[1:] == others
        or rest == others[1:]
        or (rest[:2] == others[:2][::-1] and rest[2:] == others[2:])
    )
