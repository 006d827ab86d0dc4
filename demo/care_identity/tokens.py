"""Signed tokens (JWS, RFC 7515), written by hand: the stand-in must also be able to write them wrong."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

Signer = Callable[[bytes], bytes]


def compact(*, header: Mapping[str, Any], claims: Mapping[str, Any], sign: Signer) -> str:
    """Return a token of any header, claims and signature."""
    signed = f"{_segment(header)}.{_segment(claims)}"
    return f"{signed}.{_base64(sign(signed.encode()))}"


def rs256(key: RSAPrivateKey) -> Signer:
    """Return the signature algorithm RS256 with this key."""
    return lambda signed: key.sign(signed, padding.PKCS1v15(), hashes.SHA256())


def claims(token: str) -> dict[str, Any]:
    """Return the claims of a token of ours, unverified. Raises ValueError for what is none."""
    try:
        _, payload, _ = token.split(".")
        read = json.loads(_bytes(payload))
    except (binascii.Error, UnicodeDecodeError) as error:
        raise ValueError from error
    if not isinstance(read, dict):
        raise ValueError(token)
    return read


def is_signed_by(token: str, key: RSAPublicKey) -> bool:
    """Return whether the signature of a token is RS256 by this key."""
    signed, _, signature = token.rpartition(".")
    try:
        key.verify(_bytes(signature), signed.encode(), padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, ValueError):
        return False
    return True


def _segment(part: Mapping[str, Any]) -> str:
    return _base64(json.dumps(part, separators=(",", ":")).encode())


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
