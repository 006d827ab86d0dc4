"""The keys that the stand-in signs with. They are made at each start, and known by their thumbprints (RFC 7638)."""

from __future__ import annotations

import dataclasses
import functools
import threading
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc.jwk import RSAKey

from demo.care_identity import tokens


@dataclasses.dataclass(frozen=True)
class SigningKey:
    """A key pair."""

    private: rsa.RSAPrivateKey

    @functools.cached_property
    def pem(self) -> str:
        """The private key, PEM."""
        return self.private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()

    @functools.cached_property
    def public_pem(self) -> str:
        """The public key, PEM."""
        return public_pem(self.private)

    @functools.cached_property
    def kid(self) -> str:
        """The key's thumbprint."""
        return str(RSAKey.import_key(self.public_pem).thumbprint())

    @functools.cached_property
    def jwk(self) -> dict[str, Any]:
        """The public key as the provider publishes it."""
        return {
            **RSAKey.import_key(self.public_pem).as_dict(private=False),
            "kid": self.kid,
            "use": "sig",
            "alg": "RS256",
        }

    def sign(self, claims: Mapping[str, Any], **header: str) -> str:
        """Return a proper token with these claims."""
        return tokens.compact(
            header={"alg": "RS256", "kid": self.kid, **header}, claims=claims, sign=tokens.rs256(self.private)
        )


def make() -> SigningKey:
    """Return a new key."""
    return SigningKey(rsa.generate_private_key(public_exponent=65537, key_size=2048))


def public_pem(private: rsa.RSAPrivateKey) -> str:
    """Return the public half of a key, PEM."""
    return (
        private.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )


_lock = threading.Lock()
_all: list[SigningKey] = []


def current() -> SigningKey:
    """Return the key that signs now."""
    with _lock:
        if not _all:
            _all.append(make())
        return _all[-1]


def rotate() -> None:
    """Sign with a new key from now on. The old one is no longer published."""
    new = make()
    with _lock:
        _all.append(new)


def signed_by_us(token: str) -> bool:
    """Return whether one of our keys, the old ones too, has signed a token."""
    return any(tokens.is_signed_by(token, key.private.public_key()) for key in [*_all])
