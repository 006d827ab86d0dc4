"""Finds the words in a password: listed ones, the person's own, and those that people put around others."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from common_passwords import costs
from common_passwords.characters import as_letters, is_letter_like
from common_passwords.lists import LONGEST_WORD, SHORTEST_WORD, Listed, Lists
from common_passwords.own_words import own_spellings, what_own_word_is
from common_passwords.parts import Kind, Mangling, how_separated

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

__all__ = ["Found", "WordFinder", "own_spellings", "what_own_word_is"]

# Passwords that say that they are one, and small words around others.
_SAY_WHAT_THEY_ARE = (
    *("password", "passwort", "passwd", "pwd", "login", "logon", "admin", "letmein", "changeme", "iloveyou", "ilove"),
    *("qwerty", "qwert", "asdf", "abc", "xyz", "xxx"),
)
_PUT_AROUND = {
    **dict.fromkeys(_SAY_WHAT_THEY_ARE, (Kind.COMMON_PASSWORD, costs.SAYS_WHAT_IT_IS)),
    **dict.fromkeys(("the", "xx", "www", "http", "https"), (Kind.FILLER, costs.COMMON_FILLER)),
    **dict.fromkeys(("my", "you", "for", "with", "not", "this", "that", "iam", "pass"), (Kind.FILLER, costs.FILLER)),
}
# Many passwords are about the family.
_PUT_AROUND |= dict.fromkeys(("mum", "mom", "dad", "nan", "sis", "bro"), (Kind.WORD, costs.SHORT_WORD))
# What joins two words, with the same mark on either side or none.
_JOIN = re.compile(r"([-_ .+]?)(?:(?:in|on|at|to|of|for)\1the|and|to|at|in|of|is|on|or|n|&)\1(?=[^\W\d_])")
_WORDS = frozenset({Kind.COMMON_PASSWORD, Kind.WORD, Kind.OWN_WORD, Kind.FILLER})
# A word with a mark after each letter is twice as long as listed.
_LONGEST_MANGLED = 2 * LONGEST_WORD

# End, kind, bits, mangling.
Found = tuple[int, Kind, float, frozenset[Mangling]]
_PLAIN: frozenset[Mangling] = frozenset()
_REVERSED = frozenset({Mangling.BACKWARDS})


class WordFinder:
    """Finds the words that begin at a place of one plain text."""

    def __init__(self, text: str, *, lists: Lists, own: Mapping[str, StrOrPromise], boundaries: frozenset[int]) -> None:
        self._text = text
        self._letters = as_letters(text)
        self._letter_like = [is_letter_like(c) for c in text]
        self._lists = lists
        self._own = own
        self._longest = max(map(len, own), default=0)
        self._boundaries = boundaries

    def words_from(self, start: int) -> Iterator[Found]:
        """Yield each word that begins at `start`: where it ends, what it is, its cost and its mangling."""
        if not self._letter_like[start]:
            return
        spelling = ""
        longest = max(LONGEST_WORD, self._longest)
        for end in range(start + 1, min(len(self._text), start + 2 * longest) + 1):
            if not self._letter_like[end - 1]:
                continue
            letter = self._letters[end - 1]
            if not spelling.endswith(letter):
                spelling += letter
                if len(spelling) > longest:
                    return
            written = self._text[start:end]
            if written in _PUT_AROUND:
                kind, bits = _PUT_AROUND[written]
                yield end, kind, bits, _PLAIN
            if self._own:
                yield from self._own_words(written, spelling, start, end)
            if SHORTEST_WORD <= end - start <= _LONGEST_MANGLED and (
                found := self._listed(written, spelling, start, end)
            ):
                yield found

    def joins_from(self, start: int, *, after: Kind | None) -> Iterator[Found]:
        """Yield what joins two words at `start`. The end of "sand" does not: `after` is what stands before `start`."""
        if after in _WORDS and (found := _JOIN.match(self._text, start)):
            yield found.end(), Kind.FILLER, costs.JOIN + (costs.AROUND_A_JOIN if found[1] else 0.0), _PLAIN

    def _own_words(self, written: str, spelling: str, start: int, end: int) -> Iterator[Found]:
        letters = self._letters[start:end]
        # A number is found among digits alone, and a word only where there is a letter: 101 is no "lol".
        if not any(map(str.isalpha, written)):
            if written in self._own:
                yield end, Kind.OWN_WORD, costs.OWN_WORD, _PLAIN
        elif letters in self._own or (len(spelling) >= SHORTEST_WORD and spelling in self._own):
            yield end, Kind.OWN_WORD, costs.OWN_WORD + self._by_chance(start, end), _PLAIN
        elif len(spelling) >= SHORTEST_WORD and spelling[::-1] in self._own:
            yield end, Kind.OWN_WORD, costs.OWN_WORD + costs.BACKWARDS, _REVERSED

    def _by_chance(self, start: int, end: int) -> float:
        """Return what a word of three letters costs more where other letters stand on either side."""
        is_inside = start > 0 and end < len(self._text) and (self._text[start - 1] + self._text[end]).isalpha()
        return costs.SHORT_INSIDE if is_inside and end - start < SHORTEST_WORD else 0.0

    def _listed(self, written: str, spelling: str, start: int, end: int) -> Found | None:
        lists = self._lists
        bits, mangling = 0.0, _PLAIN
        if (common := lists.as_listed.get(written)) is None:
            if (common := lists.as_listed.get(written[::-1])) is not None:
                bits, mangling = costs.BACKWARDS, _REVERSED
            elif len(spelling) < SHORTEST_WORD - 1:
                return None
            elif listed := lists.unmangled(spelling):
                common = listed.is_common
                bits, mangling = _cost_of_mangling(written, spelling, listed)
            elif listed := lists.unmangled(spelling[::-1]):
                common = listed.is_common
                bits, mangling = _cost_of_mangling(written, spelling, listed)
                bits, mangling = bits + costs.BACKWARDS, mangling | _REVERSED
            else:
                return None
        bits += costs.COMMON_PASSWORD if common else costs.WORD
        if self._boundaries:
            bits += costs.ACROSS_A_BOUNDARY * sum(start < at < end for at in self._boundaries)
        return end, Kind.COMMON_PASSWORD if common else Kind.WORD, bits, mangling


def _cost_of_mangling(written: str, spelling: str, listed: Listed) -> tuple[float, frozenset[Mangling]]:
    """Return what the mangling costs of a word that is `listed` once unmangled, and what the mangling is."""
    bits = 0.0
    mangling = set()
    separators = [c for c in written if not is_letter_like(c)]
    if separators:
        mangling.add(how_separated(written))
        bits += costs.SEPARATOR * len(set(separators)) + costs.SAME_SEPARATOR * (len(separators) - 1)
    swaps = sum(not c.isalpha() for c in written) - len(separators)
    if swaps:
        mangling.add(Mangling.LEETSPEAK)
        bits += costs.LEETSPEAK + costs.EACH_SWAP * min(swaps, costs.MOST_SWAPS)
    doubled = len(written) - len(separators) - len(spelling) - listed.lost
    if doubled > 0:
        mangling.add(Mangling.DOUBLED)
        everywhere = 2 * doubled >= len(spelling)
        bits += costs.ALL_DOUBLED if everywhere else costs.SOME_DOUBLED + costs.EACH_DOUBLED * doubled
    return bits, frozenset(mangling)
