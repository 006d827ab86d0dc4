"""The keys that Care Identity signs with, as it publishes them (JWKS, RFC 7517)."""

from __future__ import annotations

import base64
import dataclasses
import re
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import UnsupportedAlgorithm
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from care_identity.services.claim_values import LONGEST_NAME

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# The algorithms that a signature may have, with the kind of key each takes. They are ours, not what a token or the
# provider names: never a secret that both know (HS256), never none.
ALGORITHMS = {"RS256": "RSA", "RS512": "RSA", "PS256": "RSA", "ES256": "EC"}
# Members of a public key: nothing else of what is published is read, a private part least of all.
_MEMBERS = {"RSA": ("kty", "n", "e"), "EC": ("kty", "crv", "x", "y")}
# Bits of an RSA key, theirs or ours: fewer are too weak (NIST SP 800-131A). More take so long to check that forged
# tokens could keep us busy.
FEWEST_RSA_BITS = 2048
_RSA_BITS = range(FEWEST_RSA_BITS, 8192 + 1)
_BASE64URL = re.compile(r"[A-Za-z0-9_-]+")


@dataclasses.dataclass(frozen=True, slots=True)
class SigningKey:
    """A public key and what its owner says that it is for: `algorithm` is "" where any that fits will do."""

    kid: str
    key: RSAKey | ECKey
    algorithm: str

    def fits(self, algorithm: str) -> bool:
        """Return whether a signature by `algorithm` can be checked with it."""
        return ALGORITHMS.get(algorithm) == self.key.key_type and self.algorithm in ("", algorithm)


def signing_keys(published: Mapping[str, Any]) -> Sequence[SigningKey]:
    """Return the keys of a JWKS that we can use; those for other ends, of other kinds or without a name stay out."""
    keys = published.get("keys")
    if not isinstance(keys, list):
        return []
    return [key for key in map(_signing_key, keys) if key is not None]


def _signing_key(published: object) -> SigningKey | None:
    if not isinstance(published, dict) or published.get("use", "sig") != "sig":
        return None
    kid, algorithm = published.get("kid"), published.get("alg", "")
    if not isinstance(kid, str) or not 0 < len(kid) <= LONGEST_NAME or not isinstance(algorithm, str):
        return None
    key = _key(published)
    return SigningKey(kid=kid, key=key, algorithm=algorithm) if key is not None else None


def _key(published: Mapping[str, Any]) -> RSAKey | ECKey | None:
    kind = published.get("kty")
    if not isinstance(kind, str) or kind not in _MEMBERS:
        return None
    members = {name: published.get(name) for name in _MEMBERS[kind]}
    if not all(isinstance(value, str) and value for value in members.values()):
        return None
    try:
        return _read(kind, members)
    except (ValueError, TypeError, LookupError, OverflowError, JoseError, UnsupportedAlgorithm):
        # One bad key is no reason to do without the others.
        return None


def _read(kind: str, members: dict[str, Any]) -> RSAKey | ECKey | None:
    """Return the key of these members, or None for a curve or a size that we do not take. Raises what libraries do."""
    if kind == "EC":
        return ECKey.import_key(members) if members["crv"] == "P-256" else None
    return RSAKey.import_key(members) if _bits(members["n"]) in _RSA_BITS else None


def _bits(modulus: str) -> int:
    """Return how many bits an RSA key has, before it is read: joserfc warns of short ones, and long ones take long."""
    if not _BASE64URL.fullmatch(modulus):
        return 0
    return int.from_bytes(base64.urlsafe_b64decode(modulus + "=" * (-len(modulus) % 4)), "big").bit_length()
