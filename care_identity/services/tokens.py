"""The signatures of JSON Web Tokens. What a token says is judged in claims.py and back_channel_logout.py."""

from __future__ import annotations

import base64
import binascii
import dataclasses
from typing import TYPE_CHECKING, Any, NoReturn

from joserfc import jws
from joserfc.errors import JoseError

from care_identity.services import http, provider
from care_identity.services.claim_values import LONGEST_NAME
from care_identity.services.json_objects import json_object
from care_identity.services.refusals import Page, Refused
from care_identity.services.signing_keys import ALGORITHMS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from care_identity.services.signing_keys import SigningKey

# Characters of a token. An ID token has one to three thousand.
LONGEST = 64 * 1024
# What the header may call a token: nothing or a JWT; where it was sent to us, a logout token too (OpenID Connect
# Back-Channel Logout, 2.4). An access token ("at+jwt") is never taken, even if Care Identity signed it.
_TYPES = {"jwt", "application/jwt"}
_LOGOUT_TYPES = {"logout+jwt", "application/logout+jwt"}
# Header parameters need not be known, but for those under "crit", and we take no token that has that.
_REGISTRY = jws.JWSRegistry(algorithms=sorted(ALGORITHMS), strict_check_header=False)


@dataclasses.dataclass(frozen=True, slots=True)
class Token:
    """What a token says, and the algorithm that it was signed by."""

    claims: Mapping[str, Any]
    algorithm: str


def read(jwt: str) -> Mapping[str, Any]:
    """Return the claims of a token that an attacker can have sent, once it is sure that Care Identity signed it.

    Of its claims only the issuer is judged, not its audience, age or purpose.
    Raises Refused, with Page.UNAVAILABLE where Care Identity's keys cannot be read.
    """
    return _verified(jwt, types=_TYPES | _LOGOUT_TYPES, deadline=http.Deadline(), comes_straight=False).claims


def read_id_token(jwt: object, *, deadline: http.Deadline) -> Token:
    """Return an ID token that we fetched ourselves, once it is sure that Care Identity signed it.

    As `read`; and each time that its key is unknown the published keys are read again.
    """
    return _verified(jwt, types=_TYPES, deadline=deadline, comes_straight=True)


def _verified(jwt: object, *, types: Collection[str], deadline: http.Deadline, comes_straight: bool) -> Token:
    if not isinstance(jwt, str) or not jwt.isascii() or not 0 < len(jwt) <= LONGEST:
        _refuse("token_malformed")
    header = _header(jwt, types=types)
    key = _key(header, deadline=deadline, comes_straight=comes_straight)
    claims = _signed_claims(jwt, key=key)
    if claims.get("iss") != provider.metadata(deadline).issuer:
        _refuse("token_iss")
    return Token(claims=claims, algorithm=header["alg"])


def _header(jwt: str, *, types: Collection[str]) -> dict[str, Any]:
    """Return a token's header, of which nothing is proved yet."""
    parts = jwt.split(".")
    if len(parts) != 3:
        _refuse("token_malformed")
    try:
        header = json_object(base64.b64decode(parts[0] + "=" * (-len(parts[0]) % 4), altchars=b"-_", validate=True))
    except (ValueError, binascii.Error):
        _refuse("token_malformed")
    if not isinstance(header.get("alg"), str) or header["alg"] not in ALGORITHMS:
        _refuse("token_algorithm")
    # What has to be understood is more than we understand; b64 changes what is signed (RFC 7797).
    if "crit" in header or "b64" in header:
        _refuse("token_critical")
    kind = header.get("typ", "JWT")
    if not isinstance(kind, str) or kind.lower() not in types:
        _refuse("token_type")
    return header


def _key(header: Mapping[str, Any], *, deadline: http.Deadline, comes_straight: bool) -> SigningKey:
    kid = header.get("kid")
    if not isinstance(kid, str) or not 0 < len(kid) <= LONGEST_NAME:
        _refuse("token_kid")
    key = provider.key(kid=kid, algorithm=header["alg"], comes_straight=comes_straight, deadline=deadline)
    return key or _refuse("token_kid")


def _signed_claims(jwt: str, *, key: SigningKey) -> dict[str, Any]:
    try:
        payload = jws.deserialize_compact(jwt, key.key, registry=_REGISTRY).payload
    except (JoseError, ValueError, TypeError):
        _refuse("token_signature")
    try:
        return json_object(payload)
    except ValueError:
        _refuse("token_malformed")


def _refuse(reason: str) -> NoReturn:
    raise Refused(Page.NOT_BELIEVED, reason) from None
