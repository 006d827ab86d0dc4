"""Our own key, by which Care Identity knows us (private_key_jwt, RFC 7523), and its public half for all to read."""

from __future__ import annotations

import functools
import stat
from pathlib import Path
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.conf import settings
from joserfc.jwk import RSAKey

from care_identity.services.signing_keys import FEWEST_RSA_BITS

# Care Identity asks for this algorithm.
ALGORITHM = "RS512"


class Unusable(Exception):
    """The key cannot be used. The message says what is wrong with the file, and quotes nothing of it."""


def signing_key() -> RSAKey:
    """Return our private key; its `kid` is its thumbprint (RFC 7638). Raises Unusable.

    The file is looked at each time, so a new key needs no restart.
    """
    path = Path(settings.CARE_IDENTITY_PRIVATE_KEY_FILE)
    try:
        return _read(path, path.stat().st_mtime_ns)
    except OSError as error:
        raise Unusable(f"cannot be read ({error.strerror})") from None


def public_keys() -> dict[str, Any]:
    """Return the public half of our key as a JWKS (RFC 7517): no keys where Care Identity knows us by a secret.

    Raises Unusable.
    """
    if not settings.CARE_IDENTITY_PRIVATE_KEY_FILE:
        return {"keys": []}
    key = signing_key().as_dict(private=False)
    # Named one by one, so that nothing else that a library keeps with a key is published.
    public = {name: key[name] for name in ("kty", "n", "e", "kid")}
    return {"keys": [{**public, "use": "sig", "alg": ALGORITHM}]}


def may_be_read_by_everybody() -> bool:
    """Return whether any account on this machine may read the key's file. Raises Unusable."""
    try:
        return bool(Path(settings.CARE_IDENTITY_PRIVATE_KEY_FILE).stat().st_mode & stat.S_IROTH)
    except OSError as error:
        raise Unusable(f"cannot be read ({error.strerror})") from None


@functools.lru_cache(maxsize=2)
def _read(path: Path, changed_at: int) -> RSAKey:
    """Return the key in a file as it was at `changed_at`: checking one takes a tenth of a second."""
    text = path.read_bytes()
    try:
        key = load_pem_private_key(text, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise Unusable("holds no key that can be read without a password") from None
    if not isinstance(key, RSAPrivateKey) or key.key_size < FEWEST_RSA_BITS:
        raise Unusable(f"holds no RSA key of {FEWEST_RSA_BITS} bits or more")
    ours = RSAKey.import_key(key)
    ours.ensure_kid()
    return ours
