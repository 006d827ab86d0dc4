"""What is wrong with the claims of the ID token."""

from __future__ import annotations

import time
import uuid
from typing import Any

from demo.care_identity.misbehaviour import Place, misbehaviour

Claims = dict[str, Any]
# Seconds.
HOUR = 3600


@misbehaviour(Place.CLAIMS)
def expired(claims: Claims) -> Claims:
    """It ended an hour ago."""
    return {**claims, "exp": int(time.time()) - HOUR}


@misbehaviour(Place.CLAIMS)
def no_exp(claims: Claims) -> Claims:
    """It has no end."""
    return _without(claims, "exp")


@misbehaviour(Place.CLAIMS)
def issued_in_the_future(claims: Claims) -> Claims:
    """It was issued an hour from now."""
    return {**claims, "iat": claims["iat"] + HOUR, "exp": claims["exp"] + HOUR}


@misbehaviour(Place.CLAIMS)
def wrong_aud(claims: Claims) -> Claims:
    """It is for another service."""
    return {**claims, "aud": "somebody-else.apps.national"}


@misbehaviour(Place.CLAIMS)
def list_of_auds(claims: Claims) -> Claims:
    """It is for this service and another."""
    return {**claims, "aud": [claims["aud"], "somebody-else.apps.national"]}


@misbehaviour(Place.CLAIMS)
def other_azp(claims: Claims) -> Claims:
    """Another service asked for it (azp)."""
    return {**claims, "azp": "somebody-else.apps.national"}


@misbehaviour(Place.CLAIMS)
def other_nonce(claims: Claims) -> Claims:
    """The nonce of another log-in."""
    return {**claims, "nonce": uuid.uuid4().hex}


@misbehaviour(Place.CLAIMS)
def no_nonce(claims: Claims) -> Claims:
    """No nonce."""
    return _without(claims, "nonce")


@misbehaviour(Place.CLAIMS)
def wrong_at_hash(claims: Claims) -> Claims:
    """The at_hash of another access token."""
    return {**claims, "at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}


@misbehaviour(Place.CLAIMS)
def no_at_hash(claims: Claims) -> Claims:
    """No at_hash."""
    return _without(claims, "at_hash")


@misbehaviour(Place.CLAIMS)
def wrong_iss(claims: Claims) -> Claims:
    """Another issuer."""
    return {**claims, "iss": "https://somebody-else.example"}


@misbehaviour(Place.CLAIMS)
def no_sub(claims: Claims) -> Claims:
    """No sub."""
    return _without(claims, "sub")


@misbehaviour(Place.CLAIMS)
def old_auth_time(claims: Claims) -> Claims:
    """The person logged in an hour ago (auth_time)."""
    return {**claims, "auth_time": int(time.time()) - HOUR}


@misbehaviour(Place.CLAIMS)
def no_auth_time(claims: Claims) -> Claims:
    """No auth_time."""
    return _without(claims, "auth_time")


@misbehaviour(Place.CLAIMS)
def no_acr(claims: Claims) -> Claims:
    """No acr."""
    return _without(claims, "acr")


@misbehaviour(Place.CLAIMS)
def no_authentication_level(claims: Claims) -> Claims:
    """No authentication_assurance_level."""
    return _without(claims, "authentication_assurance_level")


@misbehaviour(Place.CLAIMS)
def authentication_level_1(claims: Claims) -> Claims:
    """authentication_assurance_level is 1."""
    return {**claims, "authentication_assurance_level": 1}


@misbehaviour(Place.CLAIMS)
def no_identity_level(claims: Claims) -> Claims:
    """No id_assurance_level."""
    return _without(claims, "id_assurance_level")


@misbehaviour(Place.CLAIMS)
def identity_level_2(claims: Claims) -> Claims:
    """id_assurance_level is 2."""
    return {**claims, "id_assurance_level": 2}


@misbehaviour(Place.CLAIMS)
def email_of_somebody_else(claims: Claims) -> Claims:
    """The email address of somebody else beside the own sub (harmless)."""
    return {**claims, "email": "jess.turner@riverside.nhs.example", "email_verified": True}


def _without(claims: Claims, name: str) -> Claims:
    return {key: value for key, value in claims.items() if key != name}
