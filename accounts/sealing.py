"""Secrets of second steps, as the database holds them: encrypted with SECOND_STEP_KEYS, which it does not hold.

AES-256-GCM (NIST SP 800-38D), with a random nonce. What a secret belongs to is authenticated with it, so that it opens
in no other row. A sealed secret names the key by the beginning of its digest, so that keys can be replaced: the newest
seals, each opens.
"""

from __future__ import annotations

import base64
import hashlib
import logging
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

logger = logging.getLogger("esr_portal.second_step")

_NONCE = 12
_KEY_NAME = 6
_MARK = "~"


class CannotOpen(Exception):
    """None of SECOND_STEP_KEYS opens this: its key was taken away, or the row is not the one that it was sealed for."""


def seal(secret: bytes, *, of: str) -> str:
    """Return `secret` sealed with the newest key. `of` names what it belongs to, like "authenticator 12".

    The secret of an authenticator app, 20 bytes, is 72 characters then.
    """
    key = settings.SECOND_STEP_KEYS[0]
    nonce = secrets.token_bytes(_NONCE)
    box = nonce + AESGCM(_derived(key)).encrypt(nonce, secret, of.encode())
    return f"{_name(key)}{_MARK}{base64.urlsafe_b64encode(box).decode('ascii')}"


def unseal(sealed: str, *, of: str) -> bytes:
    """Return the secret that `seal` sealed for the same `of`. Raises CannotOpen."""
    name, _, box = sealed.partition(_MARK)
    for key in settings.SECOND_STEP_KEYS:
        if _name(key) == name:
            try:
                raw = base64.urlsafe_b64decode(box)
                return AESGCM(_derived(key)).decrypt(raw[:_NONCE], raw[_NONCE:], of.encode())
            except (InvalidTag, ValueError):
                continue
    raise CannotOpen


def say_that_a_key_is_missing() -> None:
    """Say to the operators, in the log, that a secret in use was sealed with a key that is not there."""
    logger.error("A second step cannot be opened: SECOND_STEP_KEYS lacks the key that it was sealed with.")


def is_sealed(text: str) -> bool:
    """Return whether `text` is sealed, and not a secret in clear of a version before."""
    return _MARK in text


def is_newest(sealed: str) -> bool:
    """Return whether the newest key sealed this."""
    return sealed.startswith(_name(settings.SECOND_STEP_KEYS[0]) + _MARK)


def _derived(key: str) -> bytes:
    return hashlib.sha256(f"second step {key}".encode()).digest()


def _name(key: str) -> str:
    return hashlib.sha256(f"name {key}".encode()).hexdigest()[:_KEY_NAME]
