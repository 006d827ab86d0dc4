"""Takes the mangling off single characters: capitals, accents, look-alikes, leetspeak, Shift.

Unicode's terms: normalisation forms as in UAX #15, general categories as in the Unicode Standard, section 4.5.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise

from anyascii import anyascii

# So much of a password is read. What costs too little in its first 64 characters, repeats apart, is no password.
LONGEST_READ = 64

# Cyrillic and Greek letters (after case folding), and the Latin ones that they look like.
_LOOK_ALIKES = str.maketrans("авеѕіјкмнорстухһԁԛԝαβγεηικνορστυχω", "abesijkmhopctyxhdqwabyenikvopotuxw")
# What stands for a letter in leetspeak. "1", "!" and "|" stand for i and for l alike, so i and l are one letter here.
_LEETSPEAK = str.maketrans("4@8(<¢3€961!|l£0$5§7+2", "aabccceeggiiiiiosssttz")
LEET_MARKS = frozenset("@(<¢€!|£$§+")
# The marks above the digits and at the right of the keyboard, and the keys that make them while Shift is held down.
_UNSHIFTED_UK = str.maketrans('¬!"£$%^&*()_+{}:@~|<>?', "`1234567890-=[];'#\\,./")
_UNSHIFTED_US = str.maketrans('~!@#$%^&*()_+{}:"|<>?', "`1234567890-=[];'\\,./")

# Marks on letters, and characters without a shape: variation selectors, joiners, directions, controls, surrogates.
_NOT_SEEN = frozenset({"Mn", "Me", "Mc", "Cf", "Cc", "Cs"})
_LONG_REPEAT = re.compile(r"(.{1,64}?)\1{2,}", re.DOTALL)
_RUN = re.compile(r"(.)\1+")
_NO_LETTER_OR_DIGIT = re.compile(r"[^\w\n]|_")


def compatible(password: str) -> str:
    """Return the NFKC form, in which a password is counted and hashed. Lone surrogates stay as they are."""
    return unicodedata.normalize("NFKC", password)


def plain(password: str) -> str:
    """Return the password without capitals, accents and what is not seen, with plain digits, in NFKC, and shortened."""
    if password.isascii() and password.isprintable():
        return shortened(password.lower())
    # Split first: a letter in a circle or in mathematical script has capitals that only its plain letter has not.
    split = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", password).casefold())
    seen = (c if c.isascii() else _base(c) for c in split if unicodedata.category(c) not in _NOT_SEEN)
    return shortened(compatible("".join(seen)))


@lru_cache(maxsize=4_096)
def _base(character: str) -> str:
    """Return the plain letters of a letter that Unicode does not split (ø, æ, ł), "" of one that is an apostrophe.

    Of a digit of any script, the plain one: keyboards of many languages make their own.
    """
    if unicodedata.category(character) == "Nd":
        return str(unicodedata.decimal(character))
    name = unicodedata.name(character, "")
    if name.startswith("MODIFIER LETTER"):
        return ""
    return anyascii(character).lower() if name.startswith("LATIN") else character


def in_latin(text: str) -> str:
    """Return a plain text with the letters of other scripts written as they sound in Latin ones."""
    return text if text.isascii() else "".join(_as_it_sounds(c) for c in text)


@lru_cache(maxsize=4_096)
def _as_it_sounds(character: str) -> str:
    return anyascii(character).lower() if character.isalpha() and not character.isascii() else character


def shortened(text: str) -> str:
    """Return at most LONGEST_READ characters of a plain text; in a longer one, what is repeated often stands twice."""
    if len(text) > LONGEST_READ:
        text = _LONG_REPEAT.sub(r"\1\1", text)
    return text[:LONGEST_READ]


def without_look_alikes(text: str) -> str:
    """Return a plain text with the letters of other scripts replaced by the Latin ones that they look like."""
    return text if text.isascii() else text.translate(_LOOK_ALIKES)


def as_letters(text: str) -> str:
    """Return a plain text, character by character, with leetspeak read as letters; i and l become one."""
    return text.translate(_LEETSPEAK)


def is_letter_like(character: str) -> bool:
    """Return whether a character can be a letter of a mangled word; the others stand between letters."""
    return character.isalnum() or character in LEET_MARKS


def bare_spelling(text: str) -> str:
    """Return how a plain text is looked up once unmangled: leetspeak read, marks left out, runs cut to one letter."""
    return _RUN.sub(r"\1", _NO_LETTER_OR_DIGIT.sub("", as_letters(text)))


def bare_spellings(texts: Iterable[str]) -> list[str]:
    """Return the bare spellings of many plain texts without line ends, much faster than one by one."""
    return bare_spelling("\n".join(texts)).split("\n")


def unshifted(text: str) -> list[str]:
    """Return the keys that were pressed with Shift, on a UK and on a US keyboard, where that makes a difference."""
    keys = (text.translate(layout) for layout in (_UNSHIFTED_UK, _UNSHIFTED_US))
    return [pressed for pressed in dict.fromkeys(keys) if pressed != text]


def irregular_capitals(password: str) -> int:
    """Return how often the letters change between small and capital, beyond a capital at the start of each word."""
    letters = [c.isupper() for c in password if c.isalpha()]
    changes = sum(a != b for a, b in pairwise(letters))
    starts = sum(a.isupper() and b.islower() for a, b in pairwise(password))
    return max(0, changes - 2 * starts)
