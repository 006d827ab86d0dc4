"""The common passwords that the dressed-up ones are made of: Django's list and that of zxcvbn, in two halves.

Half of them, chosen by a checksum of the password, is for tuning; the recogniser is measured on the other half.
"""

import gzip
import zlib
from functools import cache
from pathlib import Path

from django.contrib.auth import password_validation
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from bench.password_corpus.split import Half

# People dress up what they can say or type, so the bases have at least this many characters.
SHORTEST_BASE = 4
LONGEST_BASE = 11


def in_half(word: str, half: Half) -> bool:
    """Return whether a word belongs to a half, whatever list it stands in."""
    return zlib.crc32(word.encode()) % 2 == (half is Half.HELD_OUT)


@cache
def base_passwords(half: Half) -> tuple[str, ...]:
    """Return this half's common passwords, the most used first."""
    packed = Path(password_validation.__file__).with_name("common-passwords.txt.gz")
    django = gzip.decompress(packed.read_bytes()).decode().split()
    both = dict.fromkeys(word for pair in zip(django, FREQUENCY_LISTS["passwords"], strict=False) for word in pair)
    return tuple(w for w in both if SHORTEST_BASE <= len(w) <= LONGEST_BASE and in_half(w, half))


@cache
def base_words(half: Half) -> tuple[str, ...]:
    """Return this half's common passwords that are letters only: what can be written in leetspeak or backwards."""
    return tuple(w for w in base_passwords(half) if w.isalpha() and w.isascii())
