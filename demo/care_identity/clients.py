"""The one client, the portal, and how it proves itself."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import requests
from allauth.idp.oidc.models import Client
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.core.cache import cache
from django.http import QueryDict
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, RSAKey

from demo.care_identity import configuration

# RFC 7523.
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
# Seconds that an assertion may live, as at Care Identity, and how far clocks may differ.
LONGEST_LIFE = 300
LEEWAY = 10


class NotTheClient(Exception):
    """The client has not proved itself; the message says why."""


class SecretHasher(PBKDF2PasswordHasher):
    """For the client's secret alone, which is random and long: there is nothing to slow down."""

    algorithm = "once"
    iterations = 1


def register() -> None:
    """Make the portal known to the provider."""
    client = Client(
        id=configuration.CLIENT_ID,
        name="ESR Portal",
        scopes="openid\nprofile\nemail\nnhsperson\nassociatedorgs\nnationalrbacaccess",
        redirect_uris=configuration.REDIRECT_URI,
        skip_consent=True,
    )
    client.set_secret(configuration.CLIENT_SECRET)
    client.save()


def authenticate(posted: QueryDict, *, token_endpoint: str) -> QueryDict:
    """Return what was posted to the token endpoint with the secret in the place of a good assertion.

    The provider of allauth knows secrets only. A secret that was posted is left to it. Raises NotTheClient.
    """
    if "client_assertion" not in posted:
        if not posted.get("client_secret"):
            raise NotTheClient("No client_assertion and no client_secret.")
        return posted
    if posted.get("client_assertion_type") != ASSERTION_TYPE:
        raise NotTheClient(f"client_assertion_type must be {ASSERTION_TYPE}.")
    if posted.get("client_id", configuration.CLIENT_ID) != configuration.CLIENT_ID:
        raise NotTheClient("The assertion is for another client.")
    _check(_claims(str(posted["client_assertion"])), audiences={token_endpoint, configuration.ISSUER})
    exchanged = posted.copy()
    exchanged["client_id"] = configuration.CLIENT_ID
    exchanged["client_secret"] = configuration.CLIENT_SECRET
    return exchanged


def _claims(assertion: str) -> dict[str, Any]:
    try:
        return dict(jwt.decode(assertion, _keys(), algorithms=["RS512"]).claims)
    except (JoseError, ValueError) as error:
        raise NotTheClient(f"The client_assertion is not signed with a key of the client's: {error}") from error


def _keys() -> KeySet:
    """Return the public keys of the portal. Raises NotTheClient."""
    where = configuration.CLIENT_KEYS
    if not where:
        raise NotTheClient("No keys of the client are known.")
    try:
        if where.startswith(("http://", "https://")):
            text = requests.get(where, timeout=5).text
        else:
            text = Path(where).read_text(encoding="utf-8")
    except (OSError, requests.RequestException) as error:
        raise NotTheClient(f"The client's keys cannot be read: {error}") from error
    if text.lstrip().startswith("{"):
        return KeySet.import_key_set(json.loads(text))
    key = RSAKey.import_key(text)
    key.ensure_kid()
    return KeySet([key])


def _check(claims: dict[str, Any], *, audiences: set[str]) -> None:
    """Check the claims of an assertion, as RFC 7523 section 3 asks. Raises NotTheClient."""
    now = time.time()
    named = claims.get("aud")
    if not (claims.get("iss") == claims.get("sub") == configuration.CLIENT_ID):
        raise NotTheClient("iss and sub must be the client's id.")
    if not audiences & set(named if isinstance(named, list) else [named]):
        raise NotTheClient("aud must be our token endpoint or our issuer.")
    if not isinstance(claims.get("exp"), int) or not now - LEEWAY < claims["exp"] <= now + LONGEST_LIFE + LEEWAY:
        raise NotTheClient(f"exp must be within {LONGEST_LIFE} seconds.")
    jti = claims.get("jti")
    if not isinstance(jti, str) or not jti or not cache.add(f"jti:{jti}", 1, LONGEST_LIFE + 2 * LEEWAY):
        raise NotTheClient("jti must be there, and be used once.")
