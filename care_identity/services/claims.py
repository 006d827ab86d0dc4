"""What an ID token must say before we believe it, and what it proves then.

The checks of OpenID Connect Core 1.0 (3.1.3.7) without the choices that it leaves, and those of Care Identity's own
levels. docs/care-identity.md has them as a table. Each refusal has a reason of its own.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import TYPE_CHECKING, Any, NoReturn

from django.conf import settings

from accounts.identifiers import follows
from accounts.models.care_identity import UID_FORM
from accounts.proof import CLOCKS_APART, Proof
from care_identity.services import assurance, claim_values
from care_identity.services.refusals import Page, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from care_identity.services.tokens import Token

# The longest name of a way to log in (`amr`), and how many there may be of them.
_LONGEST_METHOD = 64
_MOST_METHODS = 16
# Half of this hash of the access token is in the ID token (OpenID Connect Core 1.0, 3.1.3.6).
_HASHES = {"RS256": hashlib.sha256, "PS256": hashlib.sha256, "ES256": hashlib.sha256, "RS512": hashlib.sha512}


def proof_of(*, id_token: Token, nonce: str, access_token: str, not_before: int = 0) -> Proof:
    """Return what an ID token with a good signature proves.

    It must be the one that was given with `access_token` for the request with `nonce`, and the person must have shown
    who they are no earlier than at `not_before` (seconds since 1970). Raises Refused.
    """
    said = id_token.claims
    _check_for_us(said, nonce=nonce)
    _check_age(said)
    expected = _at_hash(access_token, algorithm=id_token.algorithm)
    _demand(same(said.get("at_hash"), ours=expected), "id_token_at_hash")
    return Proof(
        uid=_uid(said),
        level=_level(said),
        methods=_methods(said),
        authenticated_at=_authenticated_at(said, not_before=not_before),
        session=_session(said),
    )


def check_same_person(*, userinfo: Mapping[str, Any], proof: Proof) -> None:
    """Check that what was fetched with the access token is about the person of the ID token. Raises Refused."""
    _demand(same(userinfo.get("sub"), ours=proof.uid), "userinfo_sub")


def same(sent: object, *, ours: str) -> bool:
    """Return whether what was sent is this text; how long that takes tells nothing of it."""
    # JSON can hold half a letter, which is no UTF-8.
    return isinstance(sent, str) and hmac.compare_digest(
        sent.encode("utf-8", "surrogatepass"), ours.encode("utf-8", "surrogatepass")
    )


def _check_for_us(said: Mapping[str, Any], *, nonce: str) -> None:
    # A logout token has these (OpenID Connect Back-Channel Logout 1.0, 2.4): it must let no person in.
    _demand("events" not in said, "id_token_events")
    # A list may name other services, which could then use the token here.
    _demand(same(said.get("aud"), ours=settings.CARE_IDENTITY_CLIENT_ID), "id_token_aud")
    _demand("azp" not in said or same(said["azp"], ours=settings.CARE_IDENTITY_CLIENT_ID), "id_token_azp")
    _demand(bool(nonce) and same(said.get("nonce"), ours=nonce), "id_token_nonce")


def _check_age(said: Mapping[str, Any]) -> None:
    if claim_values.is_over(_seconds(said, "exp")):
        _refuse("id_token_expired", page=Page.START_AGAIN)
    made_at = _seconds(said, "iat")
    _demand(not claim_values.is_to_come(made_at), "id_token_iat_to_come")
    if claim_values.is_too_old(made_at):
        _refuse("id_token_too_old", page=Page.START_AGAIN)
    if "nbf" in said:
        _demand(not claim_values.is_to_come(_seconds(said, "nbf")), "id_token_nbf_to_come")


def _authenticated_at(said: Mapping[str, Any], *, not_before: int) -> int:
    authenticated_at = _seconds(said, "auth_time")
    _demand(not claim_values.is_to_come(authenticated_at), "id_token_auth_time_to_come")
    if claim_values.is_too_old(authenticated_at):
        _refuse("id_token_auth_time_too_old", page=Page.START_AGAIN)
    if authenticated_at < not_before - CLOCKS_APART:
        _refuse("id_token_auth_time_not_again", page=Page.START_AGAIN)
    return authenticated_at


def _uid(said: Mapping[str, Any]) -> str:
    uid = said.get("sub")
    if not isinstance(uid, str) or not follows(UID_FORM, uid):
        _refuse("id_token_sub")
    return uid


def _level(said: Mapping[str, Any]) -> int:
    """Return the level of authentication, once both levels are enough and the `acr` says the same."""
    identity = assurance.level(said.get("id_assurance_level"))
    level = assurance.level(said.get("authentication_assurance_level"))
    if identity is None:
        _refuse("id_token_identity_level")
    if level is None or level > assurance.HIGHEST_LEVEL:
        _refuse("id_token_level")
    _demand("acr" in said, "id_token_acr_missing")
    _demand(level in assurance.levels_of(said["acr"]), "id_token_acr")
    if identity < assurance.LOWEST_IDENTITY_LEVEL:
        _refuse("identity_level_too_low", page=Page.IDENTITY_NOT_CHECKED)
    if level < assurance.lowest_asked_for():
        _refuse("level_too_low", page=Page.LEVEL_TOO_LOW)
    return level


def _methods(said: Mapping[str, Any]) -> tuple[str, ...]:
    """Return how the person showed who they are. Care Identity need not say; then nothing counts as a smartcard."""
    methods = said.get("amr", [])
    if not isinstance(methods, list) or len(methods) > _MOST_METHODS:
        _refuse("id_token_amr")
    _demand(all(_is_name(method, longest=_LONGEST_METHOD) for method in methods), "id_token_amr")
    return tuple(methods)


def _session(said: Mapping[str, Any]) -> str:
    session = said.get("sid", "")
    _demand(session == "" or _is_name(session, longest=claim_values.LONGEST_NAME), "id_token_sid")
    return str(session)


def _is_name(value: object, *, longest: int) -> bool:
    return claim_values.is_name(value, longest=longest) and value.isascii()


def _seconds(said: Mapping[str, Any], claim: str) -> int:
    """Return a claim that is a time. Raises Refused where it is none, or has a fraction: ID tokens here have none."""
    seconds = claim_values.seconds(said, claim=claim)
    if not isinstance(seconds, int):
        _refuse(f"id_token_{claim}")
    return seconds


def _at_hash(access_token: str, *, algorithm: str) -> str:
    digest = _HASHES[algorithm](access_token.encode("utf-8", "surrogatepass")).digest()
    return base64.urlsafe_b64encode(digest[: len(digest) // 2]).decode("ascii").rstrip("=")


def _demand(is_so: bool, reason: str) -> None:
    if not is_so:
        _refuse(reason)


def _refuse(reason: str, *, page: Page = Page.NOT_BELIEVED) -> NoReturn:
    raise Refused(page, reason)
