"""Says in plain words what was recognised in a password.

What is compared and counted here are the messages as they stand in the code; each phrase is translated when it is put
into a larger one, in a place that has a name, and a sentence last.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation.trans_null import gettext_noop

from common_passwords.dates import A_DATE, what_date_is
from common_passwords.own_words import what_own_word_is
from common_passwords.parts import Kind, Mangling, Part, Reading

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

_WORDS = (Kind.COMMON_PASSWORD, Kind.WORD)
_DATES = (Kind.YEAR, Kind.DATE, Kind.MONTH_OR_SEASON)
_HOW = {
    Mangling.SEPARATORS: gettext_noop("symbols between the letters"),
    Mangling.SPACES: gettext_noop("spaces between the letters"),
    Mangling.A_SYMBOL_INSIDE: gettext_noop("a symbol in it"),
    Mangling.SYMBOLS_INSIDE: gettext_noop("symbols in it"),
    Mangling.A_SPACE_INSIDE: gettext_noop("a space in it"),
    Mangling.SPACES_INSIDE: gettext_noop("spaces in it"),
    Mangling.LEETSPEAK: gettext_noop("letters swapped for numbers or symbols"),
    Mangling.LOOK_ALIKES: gettext_noop("letters swapped for ones that look the same"),
    Mangling.DOUBLED: gettext_noop("letters doubled"),
}
_A_YEAR = gettext_noop("a year")
_FEW_LETTERS = gettext_noop("a few letters")
_ADDED = {
    Kind.YEAR: _A_YEAR,
    Kind.NUMBER: gettext_noop("numbers"),
    Kind.POSTCODE: gettext_noop("a postcode"),
    Kind.KEYS: gettext_noop("a keyboard pattern"),
    Kind.FILLER: gettext_noop("a short word"),
}
# By what the characters are: one of them, and more.
_CHARACTERS = {
    "letter": (gettext_noop("a letter"), _FEW_LETTERS),
    "number": (gettext_noop("a number"), gettext_noop("numbers")),
    "space": (gettext_noop("a space"), gettext_noop("spaces")),
    "symbol": (gettext_noop("a symbol"), gettext_noop("symbols")),
}
_SINGLE = (Kind.LETTER, Kind.DIGIT, Kind.MARK, Kind.IN_ORDER)
THE_SAME_AGAIN = gettext_noop("the same characters repeated")
_PATTERNS = {
    Kind.KEYS: gettext_noop("a keyboard pattern"),
    Kind.IN_ORDER: gettext_noop("letters or numbers in order"),
    Kind.POSTCODE: gettext_noop("a postcode"),
    Kind.REPEAT: THE_SAME_AGAIN,
    Kind.MIRRORED: THE_SAME_AGAIN,
    Kind.DIGIT: gettext_noop("mostly numbers"),
    Kind.NUMBER: gettext_noop("mostly numbers"),
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
    if not added:
        return _("on a list of leaked passwords")
    what = _joined(_said(Counter(map(_character, added))))
    return _("on a list of leaked passwords, with %(added)s added") % {"added": what}


def what_it_is(reading: Reading, own: Mapping[str, StrOrPromise]) -> str:
    """Return what a reading found, to go after "This is "."""
    words = [part for part in reading.parts if part.kind in _WORDS]
    own_words = [part for part in reading.parts if part.kind is Kind.OWN_WORD]
    if not words and not own_words:
        return _pattern(reading)
    named = [what_own_word_is(reading.of(part), own) for part in own_words]
    if words:
        named.append(_listed(words))
    mangling = reading.mangling.union(*(part.mangling for part in (*words, *own_words)))
    return _mangled(_repeated(_turned(_both(named), mangling), reading), reading, mangling)


def _turned(words: str, mangling: frozenset[Mangling]) -> str:
    return _("%(words)s written backwards") % {"words": words} if Mangling.BACKWARDS in mangling else words


def _mangled(words: str, reading: Reading, mangling: frozenset[Mangling]) -> str:
    """Return the words of a reading with how they are mangled and what was added to them."""
    how = next((_(said) for what, said in _HOW.items() if what in mangling), "")
    facts = {"words": words, "how": how, "added": _joined(_additions(reading))}
    if how and facts["added"]:
        return _("%(words)s with %(how)s and %(added)s added") % facts
    if facts["added"]:
        return _("%(words)s with %(added)s added") % facts
    return _("%(words)s with %(how)s") % facts if how else words


def _listed(words: list[Part]) -> str:
    if all(part.kind is Kind.COMMON_PASSWORD for part in words):
        if len(words) == 1:
            return _("a common password")
        return _("two common passwords joined together") if len(words) == 2 else _("common passwords joined together")
    if len(words) == 1:
        return _("a common word")
    return _("two common words joined together") if len(words) == 2 else _("common words joined together")


def _repeated(words: str, reading: Reading) -> str:
    """Return the words of a reading, and that they come more than once where they do."""
    if any(part.kind is Kind.MIRRORED for part in reading.parts):
        return _("%(words)s forwards and backwards") % {"words": words}
    repeats = [reading.of(part) for part in reading.parts if part.kind is Kind.REPEAT]
    is_repeated = any(_is_a_repeated_word(text) for text in repeats)
    return _("%(words)s repeated") % {"words": words} if is_repeated else words


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
    if most and most not in A_DATE:
        return _(most)
    few = most or _FEW_LETTERS
    # The year of a date is a part of it.
    known = {few, _A_YEAR, *_CHARACTERS["letter"]} if most else {*_CHARACTERS["letter"]}
    added = _joined(what for what in _additions(reading) if what not in known)
    return _("%(words)s with %(added)s added") % {"words": _(few), "added": added} if added else _(few)


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
    """Return the first different phrases, translated, as one."""
    return _both([_(phrase) for phrase in phrases])


def _both(phrases: list[str]) -> str:
    """Return the first different phrases as one: "a and b"."""
    first, *others = list(dict.fromkeys(phrases))[:_MOST_NAMED] or [""]
    return _("%(first)s and %(second)s") % {"first": first, "second": others[0]} if others else first
