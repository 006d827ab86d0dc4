"""The password hash: argon2id at OWASP's strength, one at a time a core (turns.py), each in memory that is kept.

Parameters: OWASP Password Storage, m=47104 KiB, t=1, p=1 (equal to m=19456, t=2).
"""

from __future__ import annotations

import functools
import unicodedata
from typing import TYPE_CHECKING, Any

from django.contrib.auth.hashers import Argon2PasswordHasher
from django.utils.crypto import constant_time_compare

from accounts import hash_memory, turns

if TYPE_CHECKING:
    from accounts.hash_memory import Memory


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
            return super().verify(password, encoded)
        raw = memory.hash(password.encode(), salt, parts["params"])
        if raw is None:
            return super().verify(password, encoded)
        return constant_time_compare(hash_memory.unpadded(raw), parts["hash"])


def _normal(password: str) -> str:
    return unicodedata.normalize("NFKC", password)
