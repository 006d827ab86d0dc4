"""Recognises commonly used passwords: unmangles a password, reads it in the cheapest way, says what it found.

What looks like nothing is looked for among leaked passwords.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from common_passwords import costs
from common_passwords.characters import as_letters, bare_spelling, compatible, in_latin, plain, without_look_alikes
from common_passwords.leaked import how_leaked
from common_passwords.lists import lists
from common_passwords.own_words import own_spellings
from common_passwords.parts import Kind, Reading
from common_passwords.reading import cheapest_reading
from common_passwords.sentences import THE_SAME_AGAIN, has_nothing_common, what_it_is, what_leaked_is
from common_passwords.unmangling import ways_to_unmangle

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# The characters of a password that are read. The caller refuses a longer one for its length.
LONGEST_READ = 256
# Two different characters in any order are a repeat, also where one of them is a whole phrase in NFKC (U+FDFA); but
# what is shorter than this is just the beginning of something.
_TOO_FEW_CHARACTERS = 2
_A_REPEAT = 4


@dataclass(frozen=True, slots=True)
class Recognised:
    """What was recognised: `what` goes after "This is ", or after "This password is " where it is `leaked`.

    `personal` says that it is made of the person's own words; `only_too_little`, that nothing in it is common, but that
    there is too little of it, as there is in anything short.
    """

    what: str
    personal: bool = False
    only_too_little: bool = False
    leaked: bool = False

    @property
    def sentence(self) -> str:
        """What was recognised, as the person is told it."""
        return (_("This password is %(what)s.") if self.leaked else _("This is %(what)s.")) % {"what": self.what}


def recognise(*, password: str, own_words: Mapping[str, StrOrPromise]) -> list[Recognised]:
    """Return what is easy to guess about a password: nothing for a good one.

    `own_words` are the words of the person and of the place, in small letters, each with what it is ("your name"). A
    password is personal only when it would be good without them, or is made of them for the most part: one that has
    enough else in it may contain them. Takes any text, of any length, lone surrogates too; it reads the first
    LONGEST_READ characters. Raises ImproperlyConfigured where a list or a filter cannot be read.
    """
    if len(set(password[:LONGEST_READ])) <= _TOO_FEW_CHARACTERS:
        return [Recognised(_(THE_SAME_AGAIN), only_too_little=len(password) < _A_REPEAT)]
    written = compatible(password[: 4 * LONGEST_READ])[:LONGEST_READ]
    common = _reading(written, {})
    own = _contained(written, own_spellings(own_words))
    personal = _reading(written, own) if own else None
    found = []
    if personal and (common is None or _is_mostly_own(personal)):
        found.append(Recognised(what_it_is(personal, own), personal=True))
    known = _known(password[:LONGEST_READ], written, common)
    return [*found, known] if known else found


def _known(password: str, written: str, reading: Reading | None) -> Recognised | None:
    """Return what a password is to any person: common, leaked, or just too little; the one that says most."""
    if lists().is_common_password(plain(written)):
        return Recognised(_("a common password"))
    if reading and not has_nothing_common(reading):
        return Recognised(what_it_is(reading, {}))
    if (added := how_leaked(password)) is not None:
        return Recognised(what_leaked_is(added), leaked=True)
    return Recognised(what_it_is(reading, {}), only_too_little=True) if reading else None


def _reading(written: str, own: Mapping[str, StrOrPromise]) -> Reading | None:
    """Return the first reading that is too cheap, or None where there is none."""
    for unmangled in ways_to_unmangle(written):
        reading = cheapest_reading(
            unmangled.text,
            lists=lists(),
            own=own,
            limit=costs.ENOUGH - unmangled.bits,
            boundaries=unmangled.boundaries,
        )
        if reading:
            return replace(reading, bits=reading.bits + unmangled.bits, mangling=unmangled.mangling)
    return None


def _contained(written: str, own: Mapping[str, StrOrPromise]) -> dict[str, StrOrPromise]:
    """Return those of the person's words that can be found in a password at all: mostly none, which saves a reading."""
    text = plain(written)
    texts = {text, without_look_alikes(text), in_latin(text)}
    within = "\n".join((*texts, *map(as_letters, texts), *map(bare_spelling, texts)))
    return {word: what for word, what in own.items() if word in within or word[::-1] in within}


def _is_mostly_own(reading: Reading) -> bool:
    """Return whether own words are half of a reading or more: of its letters, each word counted once."""
    own = others = 0
    for part in reading.parts:
        if part.kind is Kind.OWN_WORD:
            own += part.end - part.start
        elif part.kind not in (Kind.REPEAT, Kind.MIRRORED):
            others += sum(c.isalpha() for c in reading.of(part))
    return own > 0 and own >= others
