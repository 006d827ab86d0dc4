"""What is wrong with the ID token as a whole."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from demo.care_identity import back_channel, keys, tokens
from demo.care_identity.misbehaviour import Place, misbehaviour

Claims = dict[str, Any]


@misbehaviour(Place.ID_TOKEN)
def wrong_key(claims: Claims) -> str:
    """Signed with another key under the same key id."""
    other = keys.make()
    return tokens.compact(
        header={"alg": "RS256", "kid": keys.current().kid}, claims=claims, sign=tokens.rs256(other.private)
    )


@misbehaviour(Place.ID_TOKEN)
def unknown_key(claims: Claims) -> str:
    """Signed with a key that is published nowhere."""
    return keys.make().sign(claims)


@misbehaviour(Place.ID_TOKEN)
def alg_none(claims: Claims) -> str:
    """Not signed: alg is none."""
    return tokens.compact(header={"alg": "none"}, claims=claims, sign=lambda _: b"")


@misbehaviour(Place.ID_TOKEN)
def public_key_as_secret(claims: Claims) -> str:
    """Signed by HS256 with the public key as the secret."""
    key = keys.current()
    secret = key.public_pem.encode()
    return tokens.compact(
        header={"alg": "HS256", "kid": key.kid},
        claims=claims,
        sign=lambda signed: hmac.new(secret, signed, hashlib.sha256).digest(),
    )


@misbehaviour(Place.ID_TOKEN)
def two_parts(claims: Claims) -> str:
    """A token of two parts, without a signature."""
    return keys.current().sign(claims).rpartition(".")[0]


@misbehaviour(Place.ID_TOKEN)
def logout_token(claims: Claims) -> str:
    """A log-out token in the place of the ID token."""
    return back_channel.logout_token(subject=claims["sub"], session=claims["sid"])
