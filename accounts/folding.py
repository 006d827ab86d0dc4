"""What typed words and names are compared as in a search: without accents, case, apostrophes and dashes.

For comparing alone. Nothing is stored in this form but the words that a search looks in, beside the name as it was
given: folding makes ß and ss, or é and e, one.
"""

from __future__ import annotations

import functools
import re
import unicodedata

# A longer word is compared by its beginning. PostgreSQL takes 2,046 bytes of a word (textsearch, "Limitations").
LONGEST_WORD = 60

# Letters that Unicode does not decompose, and whose Unicode name does not end in the letter that people write instead.
# Source: ICAO 9303-3, section 6, "Transliteration of multinational Latin-based characters".
_SPELT = {"ẞ": "SS", "Ð": "D", "Þ": "TH", "Ŋ": "N", "Ə": "E", "ĸ": "Q"}
# Soft hyphen, zero-width blank and joiners, word joiner, byte order mark: they come with copy and paste. The marks that
# turn the direction of writing are not among them: no name has one (people/services/person_facts.py).
_INVISIBLE = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
_JOINED, _APART = "-", " "
_KNOWN = {"&": " and ", **dict.fromkeys(_INVISIBLE, ""), **dict.fromkeys(",;:/|()[]{}+_", _APART)}
# Apostrophes of many languages are letters to Unicode: ʻokina, ʼ and their like.
_SPACING_MODIFIERS = range(0x02B0, 0x0300)
# Marks that stand on a letter, and controls, are left out.
_LEFT_OUT = frozenset({"Mn", "Me", "Cc", "Cs"})
_SEPARATORS = frozenset("PSZ")
_SAINT = {"st": "saint", "saint": "st"}
_PLAIN = re.compile(r"[A-Za-z0-9]+")


@functools.lru_cache(maxsize=2048)
def latin_capital(letter: str) -> str:
    """Return what is written in A to Z for one capital letter: itself, the letters it was made from, or nothing."""
    if "A" <= letter <= "Z":
        return letter
    if letter in _SPELT:
        return _SPELT[letter]
    # "LATIN CAPITAL LETTER O WITH STROKE", "LATIN CAPITAL LETTER AE", "LATIN CAPITAL LETTER OPEN E".
    name = unicodedata.name(letter, "").partition(" WITH ")[0]
    last = name.rpartition(" ")[2]
    return last if name.startswith("LATIN ") and len(last) <= 2 else ""


def pieces(text: str) -> list[list[str]]:
    """Return the folded pieces of a text, each in the parts that apostrophes, dashes and points make of it.

    "Évans, Anne-Marie" is [["evans"], ["anne", "marie"]], "O’Brien" [["o", "brien"]]. "&" is the word "and". What holds
    no letter or digit is no piece.
    """
    if _PLAIN.fullmatch(text):
        return [[text.lower()[:LONGEST_WORD]]]
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    folded = "".join(map(_folded, decomposed))
    split = ([part[:LONGEST_WORD] for part in piece.split(_JOINED) if part] for piece in folded.split())
    return [parts for parts in split if parts]


def joined(parts: list[str]) -> str:
    """Return the parts of a piece as one word: "obrien" for O'Brien."""
    return "".join(parts)[:LONGEST_WORD]


def words(text: str) -> set[str]:
    """Return the words by whose beginnings a name is found: each part, each piece, and the whole without blanks.

    "Smith-Jones", "Smith Jones" and "smithjones" have the last in common. St and Saint are each other.
    """
    split = pieces(text)
    found = _words(split)
    if any(part in _SAINT for piece in split for part in piece):
        found |= _words([[_SAINT.get(part, part) for part in piece] for piece in split])
    return found


def is_one_slip_apart(one: str, other: str) -> bool:
    """Return whether one letter is wrong, missing or too many, or two are in each other's place."""
    same = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    rest, others = one[same:], other[same:]
    return (
        rest[1:] == others[1:]
        or rest[1:] == others
        or rest == others[1:]
        or (rest[:2] == others[:2][::-1] and rest[2:] == others[2:])
    )


def _words(split: list[list[str]]) -> set[str]:
    parts = [part for piece in split for part in piece]
    return {*parts, *map(joined, split), joined(parts)} - {""}


@functools.lru_cache(maxsize=4096)
def _folded(character: str) -> str:
    """Return what one character, decomposed and in small letters, is compared as."""
    if character.isascii() and character.isalnum():
        return character
    if character in _KNOWN:
        return _KNOWN[character]
    if character.isspace():
        return _APART
    category = unicodedata.category(character)
    if category in _LEFT_OUT:
        return ""
    if category[0] in _SEPARATORS or ord(character) in _SPACING_MODIFIERS:
        return _JOINED
    return "".join(map(latin_capital, character.upper())).lower() or character
