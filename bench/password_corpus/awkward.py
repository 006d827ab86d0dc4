"""Input that is awkward to normalise or slow to score. It must neither raise nor take long."""

import functools
import random
import string
from collections.abc import Mapping
from types import MappingProxyType

LONGEST = 256

# By what it is: what is repeated until it is LONGEST characters long.
_REPEATED = {
    "one letter": "a",
    "two letters": "ab",
    "leetspeak": "p@$$w0rd",
    "leetspeak that means i and l": "1!|l",
    "short words": "nhs",
    "words with separators": "p.a.s.s.w.o.r.d.",
    "years": "1999",
    "dates": "01/01/1990",
    "months": "mayjun",
    "numbers in words": "one",
    "keyboard runs": "qwertyuiopasdfghjklzxcvbnm",
    "zigzag on the keyboard": "1q2w3e4r5t6y7u8i9o0p",
    "a palindrome": "abcdefghgfedcba",
    "blanks": " ",
    "sharp s": "ß",
    "ligatures": "ﬀ",
    "full-width": "ｐａｓｓｗｏｒｄ",
    "eighteen in one (U+FDFA)": "\ufdfa",
    "emoji": "😀",
    "a family in one emoji": "👨‍👩‍👧‍👦",
    "right to left": "שלום",
    "marks of direction": "\u202eabc\u202c",
    "Hangul syllables": "가",
    "Hangul letters": "ᄀ",
    "combining marks": "a\u0301\u0327\u0316",
    "NUL": "\0",
    "lone surrogates": "\ud800",
    "tag characters": "\U000e0061",
}
# By what they are: the characters of which LONGEST are chosen by chance.
_ANY_OF = {
    "leetspeak of any kind": "4@830€96(1!|l£0$5§7+2",
    "i and l of any kind": "1!|l",
    "letters": string.ascii_letters,
    "digits": string.digits,
    "noughts and ones": "01",
    "marks": string.punctuation,
    "separators": "-_.",
    "combining marks out of order": "\u0301\u0327\u0316",
    "any characters": "".join(map(chr, range(1, 0x3000, 7))),
}
_COMMON = ("password", "dragon", "the", "nhs", "123", "aaaa", "qwerty", "2024", "smith")

# For each byte a printable character.
_PRINTABLE = (string.printable * 3)[:256].encode("ascii")


@functools.cache
def awkward_input() -> Mapping[str, str]:
    """Return awkward texts by what they are; always the same."""
    chance = random.Random(256)  # noqa: S311
    texts = {what: (text * LONGEST)[:LONGEST] for what, text in _REPEATED.items()}
    texts |= {f"chance: {what}": "".join(chance.choices(letters, k=LONGEST)) for what, letters in _ANY_OF.items()}
    texts["chance: common words"] = "".join(chance.choices(_COMMON, k=LONGEST))[:LONGEST]
    texts["separators in a word"] = "p" + "." * 250 + "assword"
    texts["a megabyte"] = "a" * 1_000_000
    texts["chance: a megabyte"] = chance.randbytes(1_000_000).translate(_PRINTABLE).decode("ascii")
    texts["a megabyte of combining marks"] = "a" + "\u0301\u0327" * 500_000
    return MappingProxyType(texts)
