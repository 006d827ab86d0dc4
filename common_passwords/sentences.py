"""Says in plain English what was recognised in a password."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from common_passwords.own_words import what_own_word_is
from common_passwords.parts import Kind, Mangling, Part, Reading

_WORDS = (Kind.COMMON_PASSWORD, Kind.WORD)
_DATES = (Kind.YEAR, Kind.DATE, Kind.MONTH_OR_SEASON)
_HOW = {
    Mangling.SEPARATORS: "symbols between the letters",
    Mangling.LEETSPEAK: "letters swapped for numbers or symbols",
    Mangling.LOOK_ALIKES: "letters swapped for ones that look the same",
    Mangling.DOUBLED: "letters doubled",
}
_FEW_LETTERS = "a few letters"
_ADDED = {
    Kind.YEAR: "a year",
    Kind.DATE: "a date",
    Kind.MONTH_OR_SEASON: "a date",
    Kind.NUMBER: "numbers",
    Kind.DIGIT: "numbers",
    Kind.MARK: "symbols",
    Kind.KEYS: "a keyboard pattern",
    Kind.LETTER: _FEW_LETTERS,
    Kind.FILLER: "a short word",
}
THE_SAME_AGAIN = "the same characters repeated"
# More than this in one sentence is hard to read.
_MOST_NAMED = 2
# A repeat of fewer characters is part of a number or of the marks at the end.
_SHORTEST_REPEATED_WORD = 4


def has_nothing_common(reading: Reading) -> bool:
    """Return whether a reading found single characters and little else."""
    return not any(part.kind in (*_WORDS, Kind.OWN_WORD) for part in reading.parts) and not _most_of(reading)


def what_leaked_is(added: str) -> str:
    """Return what a leaked password is, with what was added at its end, to go after "This password is "."""
    kinds = ("numbers" if c.isdigit() else "symbols" for c in added)
    return "on a list of leaked passwords" + (f", with {_joined(kinds)} added" if added else "")


def what_it_is(reading: Reading, own: Mapping[str, str]) -> str:
    """Return what a reading found, to go after "This is "."""
    words = [part for part in reading.parts if part.kind in _WORDS]
    own_words = [part for part in reading.parts if part.kind is Kind.OWN_WORD]
    if not words and not own_words:
        return _pattern(reading)
    named = [what_own_word_is(reading.of(part), own) for part in own_words]
    if words:
        named.append(_listed(words))
    mangling = reading.mangling.union(*(part.mangling for part in (*words, *own_words)))
    return _joined(named) + _order(reading, mangling) + _mangled(reading, mangling)


def _order(reading: Reading, mangling: frozenset[Mangling]) -> str:
    backwards = " written backwards" if Mangling.BACKWARDS in mangling else ""
    return backwards + _repeated(reading)


def _mangled(reading: Reading, mangling: frozenset[Mangling]) -> str:
    """Return how the words of a reading are mangled and what was added to them, or "" for neither."""
    how = [said for what, said in _HOW.items() if what in mangling][:1]
    if added := _joined(_additions(reading)):
        how.append(f"{added} added")
    return f" with {_joined(how)}" if how else ""


def _listed(words: list[Part]) -> str:
    noun = "password" if all(part.kind is Kind.COMMON_PASSWORD for part in words) else "word"
    if len(words) == 1:
        return f"a common {noun}"
    return f"two common {noun}s joined together" if len(words) == 2 else f"common {noun}s joined together"


def _repeated(reading: Reading) -> str:
    if any(part.kind is Kind.MIRRORED for part in reading.parts):
        return " forwards and backwards"
    repeats = [reading.of(part) for part in reading.parts if part.kind is Kind.REPEAT]
    return " repeated" if any(_is_a_repeated_word(text) for text in repeats) else ""


def _is_a_repeated_word(text: str) -> bool:
    return len(text) >= _SHORTEST_REPEATED_WORD and any(c.isalpha() for c in text)


def _additions(reading: Reading) -> Iterator[str]:
    for part in reading.parts:
        text = reading.of(part)
        if part.kind in _ADDED:
            yield _ADDED[part.kind]
        elif part.kind is Kind.IN_ORDER or (part.kind is Kind.REPEAT and not _is_a_repeated_word(text)):
            yield "numbers" if text.isdigit() else _FEW_LETTERS if text.isalpha() else "symbols"


def _pattern(reading: Reading) -> str:
    if most := _most_of(reading):
        return most
    added = _joined(what for what in _additions(reading) if what != _FEW_LETTERS)
    return f"{_FEW_LETTERS} with {added} added" if added else _FEW_LETTERS


def _most_of(reading: Reading) -> str:
    """Return which pattern most characters of a reading are part of, or "" where most are just themselves."""
    lengths: dict[str, int] = {}
    for part in reading.parts:
        what = _pattern_of(part)
        lengths[what] = lengths.get(what, 0) + part.end - part.start
    return max(lengths, key=lambda what: lengths[what], default="")


def _pattern_of(part: Part) -> str:
    if part.kind is Kind.KEYS:
        return "a keyboard pattern"
    if part.kind is Kind.IN_ORDER:
        return "letters or numbers in order"
    if part.kind in _DATES:
        return "a date"
    if part.kind in (Kind.REPEAT, Kind.MIRRORED):
        return THE_SAME_AGAIN
    return "mostly numbers" if part.kind in (Kind.DIGIT, Kind.NUMBER) else ""


def _joined(phrases: Iterable[str]) -> str:
    """Return the first different phrases joined by "and"."""
    return " and ".join(list(dict.fromkeys(phrases))[:_MOST_NAMED])
