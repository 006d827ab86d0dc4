"""Which of the names of organisations fit what a person typed: words in any spelling, acronyms, one letter wrong.

Both names of an organisation are looked in, whatever the language of the page.
"""

from __future__ import annotations

import dataclasses
import functools
from collections import defaultdict
from typing import TYPE_CHECKING

from accounts.folding import is_one_slip_apart, joined, pieces, words
from hub import welsh_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

# People write names with and without these.
_SMALL_WORDS = frozenset({"and", "for", "of", "the"})
_SMALL_WELSH_WORDS = frozenset({"a", "ac", "ar", "i", "o", "y", "ym", "yn", "yng", "yr"})
# What an acronym may leave out: KCH is King's College Hospital NHS Foundation Trust, GSTT Guy's and St Thomas'.
_LEFT_OUT = (frozenset[str](), _SMALL_WORDS, _SMALL_WORDS | {"nhs"}, _SMALL_WORDS | {"nhs", "foundation"})
_LEFT_OUT_IN_WELSH = (
    *(frozenset[str](), _SMALL_WELSH_WORDS, _SMALL_WELSH_WORDS | {"gig"}),
    _SMALL_WELSH_WORDS | {"gig", "sefydledig"},
)
SHORTEST_ACRONYM = 2
# A shorter word is in the middle of too many.
SHORTEST_IN_THE_MIDDLE = 3
# With a letter wrong, a shorter one is another word.
SHORTEST_WITH_A_SLIP = 4

# Few names have more; more only take time.
MOST_WORDS = 8
MOST_PARTS = 4

# The places of names in their sequence.
Places = frozenset[int]
# What an organisation is called in English and in Welsh, "" where it has no name in Welsh.
Names = tuple[tuple[str, str], ...]


@dataclasses.dataclass(frozen=True, slots=True)
class _Index:
    """In which names each word is, and of which each acronym: a thousand names have a few hundred words."""

    words: Mapping[str, Places]
    acronyms: Mapping[str, Places]


def fitting(*, names: Names, typed: str) -> Places:
    """Return the places of the names that have each word of `typed` in them, or whose acronym begins with all of it."""
    split = pieces(typed)
    index = _index(names)
    found = _with_all(split, lambda word: _having(index.words, word))
    if len(split) == 1 and len(joined(split[0])) >= SHORTEST_ACRONYM:
        found |= _union(index.acronyms, lambda acronym: acronym.startswith(joined(split[0])))
    return found


def nearly_fitting(*, names: Names, typed: str) -> Places:
    """Return the places of the names in which each word of `typed` begins a word, with at most one letter wrong."""
    index = _index(names)

    def having(word: str) -> Places:
        return _having(index.words, word) or _nearly_having(index.words, word)

    return _with_all(pieces(typed), having)


@functools.lru_cache(maxsize=2)
def _index(names: Names) -> _Index:
    """Return what names are found by; the same as before while no name has changed."""
    found, acronyms = defaultdict[str, set[int]](set), defaultdict[str, set[int]](set)
    for place, (english, welsh) in enumerate(names):
        for word in _words(english, welsh):
            found[word].add(place)
        for acronym in _acronyms(english, _LEFT_OUT) | _acronyms(welsh, _LEFT_OUT_IN_WELSH):
            acronyms[acronym].add(place)
    return _Index(
        words={word: frozenset(places) for word, places in found.items()},
        acronyms={acronym: frozenset(places) for acronym, places in acronyms.items()},
    )


def _words(english: str, welsh: str) -> set[str]:
    """Return the words of both names, as they are and behind others, and the places in them in both languages."""
    found = words(english) | welsh_words.with_mutations(words(welsh))
    return found | welsh_words.in_both_languages(found)


def _acronyms(name: str, may_leave_out: Iterable[frozenset[str]]) -> set[str]:
    split = pieces(name)
    kept = ([parts for parts in split if joined(parts) not in left_out] for left_out in may_leave_out)
    return {"".join(parts[0][0] for parts in those) for those in kept} - {""}


def _with_all(split: list[list[str]], having: Callable[[str], Places]) -> Places:
    """Return the names that have each piece, as one word or in its parts.

    Small words count where there are no others.
    """
    telling = [parts for parts in split if joined(parts) not in _SMALL_WORDS | _SMALL_WELSH_WORDS] or split
    each = [
        having(joined(parts)) | frozenset.intersection(*map(having, parts[:MOST_PARTS]))
        for parts in telling[:MOST_WORDS]
    ]
    return frozenset.intersection(*each) if each else frozenset()


def _union(index: Mapping[str, Places], fits: Callable[[str], bool]) -> Places:
    return frozenset[int]().union(*(places for word, places in index.items() if fits(word)))


def _having(index: Mapping[str, Places], typed: str) -> Places:
    if len(typed) >= SHORTEST_IN_THE_MIDDLE:
        return _union(index, lambda word: typed in word)
    return _union(index, lambda word: word.startswith(typed))


def _nearly_having(index: Mapping[str, Places], typed: str) -> Places:
    # An invisible mark is no slip of the finger.
    if len(typed) < SHORTEST_WITH_A_SLIP or not typed.isprintable():
        return frozenset()
    # With one slip, either the first half is right or what follows its end is: most words have neither.
    half = len(typed) // 2
    first, last = typed[:half], typed[half + 1 :]
    return _union(index, lambda word: (word.startswith(first) or last in word) and _begins_with_a_slip(word, typed))


def _begins_with_a_slip(word: str, typed: str) -> bool:
    return any(is_one_slip_apart(typed, word[: len(typed) + more]) for more in (-1, 0, 1))
