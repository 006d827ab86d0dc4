"""The spellings in which the words of a person and of a place are found in a password.

They go through the same unmangling as the password itself, and are written as people write them where a letter is not
on the keyboard: as it sounds in Latin letters, or as in a passport.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from common_passwords.characters import as_letters, bare_spelling, in_latin, plain, without_look_alikes
from common_passwords.lists import SHORTEST_WORD

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# ICAO Doc 9303, part 3, section 6: how passports write these letters, and how people write them besides.
_IN_PASSPORTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "æ": "ae", "œ": "oe", "đ": "dj"})
_TWO_FOR_ONE = re.compile(r"([aou])e")


def own_spellings(words: Mapping[str, StrOrPromise]) -> dict[str, StrOrPromise]:
    """Return the person's words (each with what it is) as they are looked up. A word that comes later counts."""
    return {spelling: what for word, what in words.items() for spelling in _spellings(word)}


@lru_cache(maxsize=1_024)
def _spellings(word: str) -> frozenset[str]:
    spellings = set()
    for text in _as_people_write_it(word):
        # Digits of a person are looked for among digits alone: 101 is no "lol".
        if text.isdigit() or len(bare := bare_spelling(text)) < SHORTEST_WORD:
            spellings.add(text if text.isdigit() else as_letters(text))
            continue
        spellings.add(bare)
        spellings.add(bare_spelling("".join(filter(str.isalnum, text))))
    return frozenset(spellings)


def _as_people_write_it(word: str) -> Iterator[str]:
    text = plain(word)
    yield text
    if not word.isascii():
        yield without_look_alikes(text)
        latin = in_latin(text)
        yield latin
        # Greek υ sounds as in "ou" after an ο (ELOT 743).
        yield latin.replace("oy", "ou")
        yield plain(unicodedata.normalize("NFC", word.casefold()).translate(_IN_PASSPORTS))
    if len(as_one := _TWO_FOR_ONE.sub(r"\1", text)) >= SHORTEST_WORD:
        yield as_one


def what_own_word_is(written: str, own: Mapping[str, StrOrPromise]) -> str:
    """Return what a word found in `own` is ("your name"), as the caller said it, however it was mangled."""
    bare = bare_spelling(written)
    spellings = (written, as_letters(written), bare, bare[::-1])
    return str(next((own[spelling] for spelling in spellings if spelling in own), _("a word about you")))
