"""The password hash: argon2id at OWASP's strength, one at a time a core (turns.py), each in memory that is kept.

Parameters: OWASP Password Storage, m=47104 KiB, t=1, p=1 (equal to m=19456, t=2).
"""

from __future__ import annotations

import functools
import re
import unicodedata
from typing import TYPE_CHECKING, Any

import argon2
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.utils.crypto import constant_time_compare

from accounts import hash_memory, turns

if TYPE_CHECKING:
    from accounts.hash_memory import Memory


# What `encode` has made in any version: a salt of 8 bytes or more, and 16 or 32 bytes of hash, in argon2's base64.
_READABLE = re.compile(
    r"argon2\$argon2(id|i|d)\$v=[0-9]{1,3}\$m=[0-9]{1,8},t=[0-9]{1,3},p=[0-9]{1,3}"
    r"\$[A-Za-z0-9+/]{11,86}\$([A-Za-z0-9+/]{22}|[A-Za-z0-9+/]{43})"
)


class CannotHash(Exception):
    """This machine cannot compute the hash now: that says nothing of the password."""


class Argon2idPasswordHasher(Argon2PasswordHasher):
    """Hash and compare the NFKC form: the keyboard it is typed on makes no difference (NIST SP 800-63B-4)."""

    time_cost = 1
    memory_cost = 47104
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        """Return the encoded hash of `password`."""
        with turns.wait():
            return turns.compute(functools.partial(self._encode, _normal(password), salt))

    def decode(self, encoded: str) -> dict[str, Any]:
        """Return the parts of an encoded hash."""
        return super().decode(encoded)

    def verify(self, password: str, encoded: str) -> bool:
        """Return whether `encoded` is a hash of `password`."""
        with turns.wait():
            return turns.compute(functools.partial(self._verify, _normal(password), encoded))

    def _encode(self, password: str, salt: str, memory: Memory) -> str:
        parameters, salt_bytes = self.params(), salt.encode()
        raw = memory.hash(password.encode(), salt_bytes, parameters)
        if raw is None:
            return super().encode(password, salt)
        return f"{self.algorithm}{hash_memory.encoded(raw, salt_bytes, parameters)}"

    def _verify(self, password: str, encoded: str, memory: Memory) -> bool:
        """Compute the hash that `encoded` is once more, with its own parameters and salt, and compare them."""
        try:
            parts = self.decode(encoded)
            salt = parts["salt"].encode("latin1")
        except ValueError:
            return False
        raw = memory.hash(password.encode(), salt, parts["params"])
        if raw is None:
            return _verify_plainly(password, encoded)
        return constant_time_compare(hash_memory.unpadded(raw), parts["hash"])


def can_be_read(encoded: str) -> bool:
    """Return whether `encoded` is a whole hash of a kind that is known here."""
    return _READABLE.fullmatch(encoded) is not None


def _verify_plainly(password: str, encoded: str) -> bool:
    """Compare by argon2's plain call. Raises CannotHash where it fails for another reason than a wrong password.

    Django's own takes that for a wrong password too, as where there is no memory left.
    """
    _, _, rest = encoded.partition("$")
    try:
        return argon2.PasswordHasher().verify(f"${rest}", password)
    except argon2.exceptions.VerifyMismatchError:
        return False
    except argon2.exceptions.VerificationError as error:
        raise CannotHash from error


def _normal(password: str) -> str:
    return unicodedata.normalize("NFKC", password)
