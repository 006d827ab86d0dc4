"""The password hash: argon2id at OWASP's strength, one at a time a core (turns.py).

Parameters: OWASP Password Storage, m=47104 KiB, t=1, p=1 (equal to m=19456, t=2).
"""

from __future__ import annotations

import ctypes
import unicodedata
from typing import Any

from django.contrib.auth.hashers import Argon2PasswordHasher

from accounts import turns

# glibc's malloc.h; mallopt(3).
_M_TRIM_THRESHOLD = -1
_M_MMAP_THRESHOLD = -3
_M_ARENA_MAX = -8
_GIBIBYTE = 1 << 30


def keep_memory_between_hashes() -> None:
    """Tell glibc to keep the 46 MiB of a hash instead of mapping them afresh each time, and to keep them only once.

    Without the thresholds a hash takes 1.4 times the processor time or more (88 ms for 62 ms where it was measured).
    Without the limit to one arena each thread keeps memory of its own: 50 threads took 795 MB, with it 151 MB.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError):
        return  # Another C library: slower, and right all the same.
    mallopt(_M_MMAP_THRESHOLD, _GIBIBYTE)
    mallopt(_M_TRIM_THRESHOLD, _GIBIBYTE)
    mallopt(_M_ARENA_MAX, 1)


keep_memory_between_hashes()


class Argon2idPasswordHasher(Argon2PasswordHasher):
    """Hash and compare the NFKC form: the keyboard it is typed on makes no difference (NIST SP 800-63B-4)."""

    time_cost = 1
    memory_cost = 47104
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        """Return the encoded hash of `password`."""
        with turns.wait():
            return turns.compute(super().encode, _normal(password), salt)

    def decode(self, encoded: str) -> dict[str, Any]:
        """Return the parts of an encoded hash."""
        return super().decode(encoded)

    def verify(self, password: str, encoded: str) -> bool:
        """Return whether `encoded` is a hash of `password`."""
        with turns.wait():
            return turns.compute(super().verify, _normal(password), encoded)


def _normal(password: str) -> str:
    return unicodedata.normalize("NFKC", password)
