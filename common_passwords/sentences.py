"""Says in plain English what was recognised in a password."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from common_passwords.dates import what_date_is
from common_passwords.own_words import what_own_word_is
from common_passwords.parts import Kind, Mangling, Part, Reading

_WORDS = (Kind.COMMON_PASSWORD, Kind.WORD)
_DATES = (Kind.YEAR, Kind.DATE, Kind.MONTH_OR_SEASON)
_HOW = {
    Mangling.SEPARATORS: "symbols between the letters",
    Mangling.SPACES: "spaces between the letters",
    Mangling.A_SYMBOL_INSIDE: "a symbol in it",
    Mangling.SYMBOLS_INSIDE: "symbols in it",
    Mangling.A_SPACE_INSIDE: "a space in it",
    Mangling.SPACES_INSIDE: "spaces in it",
    Mangling.LEETSPEAK: "letters swapped for numbers or symbols",
    Mangling.LOOK_ALIKES: "letters swapped for ones that look the same",
    Mangling.DOUBLED: "letters doubled",
}
_FEW_LETTERS = "a few letters"
_ADDED = {
    Kind.YEAR: "a year",
    Kind.NUMBER: "numbers",
    Kind.POSTCODE: "a postcode",
    Kind.KEYS: "a keyboard pattern",
    Kind.FILLER: "a short word",
}
# By what the characters are: one of them, and more.
_CHARACTERS = {
    "letter": ("a letter", _FEW_LETTERS),
    "number": ("a number", "numbers"),
    "space": ("a space", "spaces"),
    "symbol": ("a symbol", "symbols"),
}
_SINGLE = (Kind.LETTER, Kind.DIGIT, Kind.MARK, Kind.IN_ORDER)
THE_SAME_AGAIN = "the same characters repeated"
_PATTERNS = {
    Kind.KEYS: "a keyboard pattern",
    Kind.IN_ORDER: "letters or numbers in order",
    Kind.POSTCODE: "a postcode",
    Kind.REPEAT: THE_SAME_AGAIN,
    Kind.MIRRORED: THE_SAME_AGAIN,
    Kind.DIGIT: "mostly numbers",
    Kind.NUMBER: "mostly numbers",
}
# More than this in one sentence is hard to read.
_MOST_NAMED = 2
# A repeat of fewer characters is part of a number or of the marks at the end.
_SHORTEST_REPEATED_WORD = 4


def has_nothing_common(reading: Reading) -> bool:
    """Return whether a reading found single characters and little else."""
    return not any(part.kind in (*_WORDS, Kind.OWN_WORD) for part in reading.parts) and not _most_of(reading)


def what_leaked_is(added: str) -> str:
    """Return what a leaked password is, with what was added at its end, to go after "This password is "."""
    return "on a list of leaked passwords" + (
        f", with {_joined(_said(Counter(map(_character, added))))} added" if added else ""
    )


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


def _additions(reading: Reading) -> list[str]:
    """Return what a reading has beside words, each kind once: characters in the singular where there is one."""
    counts: Counter[str] = Counter()
    for part in reading.parts:
        text = reading.of(part)
        if part.kind in _ADDED:
            counts[_ADDED[part.kind]] += 1
        elif part.kind in (Kind.DATE, Kind.MONTH_OR_SEASON):
            counts[what_date_is(text)] += 1
        elif part.kind in _SINGLE or (part.kind is Kind.REPEAT and not _is_a_repeated_word(text)):
            counts.update(map(_character, text))
            # A listed password may have the digit beside it: what was added is "12" to the person.
            counts.update(_same_beside(part, reading.text))
    return _said(counts)


def _same_beside(part: Part, text: str) -> list[str]:
    """Return what stands right before and after a part where it is of the same kind of character, letters apart."""
    places = ((part.start - 1, part.start), (part.end, part.end - 1))
    pairs = [(_character(text[at]), _character(text[edge])) for at, edge in places if 0 <= at < len(text)]
    return [beside for beside, own in pairs if beside == own != "letter"]


def _said(counts: Counter[str]) -> list[str]:
    return [_CHARACTERS[what][number > 1] if what in _CHARACTERS else what for what, number in counts.items()]


def _character(c: str) -> str:
    if c.isalpha():
        return "letter"
    if c.isspace():
        return "space"
    return "number" if c.isdigit() else "symbol"


def _pattern(reading: Reading) -> str:
    most = _most_of(reading)
    if most and not most.endswith(("a year", "a date")):
        return most
    few = most or _FEW_LETTERS
    # The year of a date is a part of it.
    known = {few, "a year", *_CHARACTERS["letter"]} if most else {*_CHARACTERS["letter"]}
    added = _joined(what for what in _additions(reading) if what not in known)
    return f"{few} with {added} added" if added else few


def _most_of(reading: Reading) -> str:
    """Return which pattern most characters of a reading are part of, or "" where most are just themselves."""
    lengths: dict[str, int] = {}
    for part in reading.parts:
        what = _pattern_of(part, reading.of(part))
        lengths[what] = lengths.get(what, 0) + part.end - part.start
    return max(lengths, key=lambda what: lengths[what], default="")


def _pattern_of(part: Part, text: str) -> str:
    if part.kind in _PATTERNS:
        return _PATTERNS[part.kind]
    return what_date_is(text) if part.kind in _DATES else ""


def _joined(phrases: Iterable[str]) -> str:
    """Return the first different phrases joined by "and"."""
    return " and ".join(list(dict.fromkeys(phrases))[:_MOST_NAMED])
