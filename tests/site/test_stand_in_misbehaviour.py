"""The switch that makes the stand-in misbehave: each way does what it says, once or until it is told to behave."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from bs4 import BeautifulSoup
from joserfc import jwt
from joserfc.errors import BadSignatureError, InvalidKeyIdError
from joserfc.jwk import KeySet, RSAKey

from tests.support import stand_in
from tests.support.stand_in import StandIn

pytestmark = pytest.mark.own_processes

AMINA, JESS = "555000000101", "555000000110"


def code(care_identity: StandIn) -> str:
    return care_identity.browser().log_in(AMINA, nonce="made-up-nonce").parameters["code"]


def id_token(care_identity: StandIn) -> str:
    return str(care_identity.exchange(code(care_identity)).json()["id_token"])


def part(token: str, number: int) -> dict[str, Any]:
    """Return the header (0) or the claims (1) of a token, unverified."""
    text = token.split(".")[number]
    return dict(json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))))


def published(care_identity: StandIn) -> KeySet:
    return KeySet.import_key_set(care_identity.answer("/connect/jwk_uri").json())


Claims = dict[str, Any]
CLAIMS: dict[str, Callable[[Claims], bool]] = {
    "expired": lambda claims: claims["exp"] < time.time() - 600,
    "no-exp": lambda claims: "exp" not in claims,
    "issued-in-the-future": lambda claims: claims["iat"] > time.time() + 600,
    "wrong-aud": lambda claims: claims["aud"] != stand_in.CLIENT_ID,
    "list-of-auds": lambda claims: claims["aud"] == [stand_in.CLIENT_ID, "somebody-else.apps.national"],
    "other-azp": lambda claims: claims["azp"] != stand_in.CLIENT_ID and claims["aud"] == stand_in.CLIENT_ID,
    "other-nonce": lambda claims: claims["nonce"] != "made-up-nonce",
    "no-nonce": lambda claims: "nonce" not in claims,
    "wrong-at-hash": lambda claims: claims["at_hash"] == "A" * 22,
    "no-at-hash": lambda claims: "at_hash" not in claims,
    "wrong-iss": lambda claims: claims["iss"] == "https://somebody-else.example",
    "no-sub": lambda claims: "sub" not in claims,
    "old-auth-time": lambda claims: claims["auth_time"] < time.time() - 600,
    "no-auth-time": lambda claims: "auth_time" not in claims,
    "no-acr": lambda claims: "acr" not in claims,
    "no-authentication-level": lambda claims: "authentication_assurance_level" not in claims,
    "authentication-level-1": lambda claims: claims["authentication_assurance_level"] == 1,
    "no-identity-level": lambda claims: "id_assurance_level" not in claims,
    "identity-level-2": lambda claims: claims["id_assurance_level"] == 2,
    "email-of-somebody-else": lambda claims: claims["sub"] == AMINA and claims["email"].startswith("jess.turner@"),
}
TOKENS = {"wrong-key", "unknown-key", "alg-none", "public-key-as-secret", "two-parts", "logout-token"}
TOKEN_ENDPOINT = {"token-fails", "token-html", "token-slow", "no-id-token"}
USERINFO = {"userinfo-of-somebody-else", "userinfo-fails", "userinfo-html", "userinfo-jwt", "userinfo-slow"}
DISCOVERY = {"discovery-down", "discovery-slow", "discovery-other-issuer"}
OTHERS = {"no-keys", "keys-down", "rotated-keys", "wrong-state", "wrong-code"}


def test_each_way_that_the_page_offers_has_a_test_here(care_identity: StandIn) -> None:
    page = BeautifulSoup(care_identity.browser().open("/misbehave/").text, "html5lib")
    offered = {str(one["value"]) for one in page.select('input[name="kind"]')}
    assert offered == {*CLAIMS, *TOKENS, *TOKEN_ENDPOINT, *USERINFO, *DISCOVERY, *OTHERS}


@pytest.mark.parametrize("kind", CLAIMS)
def test_a_wrong_claim_stands_in_a_token_that_is_signed_as_it_should_be(care_identity: StandIn, kind: str) -> None:
    care_identity.misbehave(kind)
    token = id_token(care_identity)
    assert CLAIMS[kind](dict(jwt.decode(token, published(care_identity), algorithms=["RS256"]).claims))


def test_once_is_once_and_always_is_until_it_behaves(care_identity: StandIn) -> None:
    care_identity.misbehave("no-acr")
    assert "acr" not in part(id_token(care_identity), 1)
    assert "acr" in part(id_token(care_identity), 1)
    care_identity.misbehave("no-acr", once=False)
    assert "acr" not in part(id_token(care_identity), 1)
    assert "acr" not in part(id_token(care_identity), 1)
    assert "until it is told to behave" in care_identity.browser().open("/misbehave/").text
    care_identity.behave()
    assert "acr" in part(id_token(care_identity), 1)


def test_another_key_under_the_same_id(care_identity: StandIn) -> None:
    care_identity.misbehave("wrong-key")
    with pytest.raises(BadSignatureError):
        jwt.decode(id_token(care_identity), published(care_identity), algorithms=["RS256"])


def test_a_key_that_is_published_nowhere(care_identity: StandIn) -> None:
    care_identity.misbehave("unknown-key")
    with pytest.raises((InvalidKeyIdError, ValueError)):
        jwt.decode(id_token(care_identity), published(care_identity), algorithms=["RS256"])


def test_no_signature(care_identity: StandIn) -> None:
    care_identity.misbehave("alg-none")
    token = id_token(care_identity)
    assert part(token, 0)["alg"] == "none"
    assert token.endswith(".")
    care_identity.misbehave("two-parts")
    assert id_token(care_identity).count(".") == 1


def test_the_public_key_as_the_secret(care_identity: StandIn) -> None:
    care_identity.misbehave("public-key-as-secret")
    token = id_token(care_identity)
    assert part(token, 0)["alg"] == "HS256"
    (key,) = published(care_identity).keys
    assert isinstance(key, RSAKey)
    signed, _, signature = token.rpartition(".")
    made = hmac.new(key.as_pem(private=False), signed.encode(), hashlib.sha256).digest()
    assert base64.urlsafe_b64encode(made).rstrip(b"=").decode() == signature


def test_a_logout_token_in_the_place_of_the_id_token(care_identity: StandIn) -> None:
    care_identity.misbehave("logout-token")
    token = id_token(care_identity)
    assert part(token, 0)["typ"] == "logout+jwt"
    assert "events" in part(token, 1)


def test_the_token_endpoint_misbehaves(care_identity: StandIn) -> None:
    care_identity.misbehave("token-fails")
    assert care_identity.exchange(code(care_identity)).status_code == 500
    care_identity.misbehave("token-html")
    assert care_identity.exchange(code(care_identity)).headers["Content-Type"].startswith("text/html")
    care_identity.misbehave("no-id-token")
    assert set(care_identity.exchange(code(care_identity)).json()) >= {"access_token"}
    care_identity.misbehave("no-id-token")
    assert "id_token" not in care_identity.exchange(code(care_identity)).json()


def test_the_userinfo_endpoint_misbehaves(care_identity: StandIn) -> None:
    access_token = care_identity.exchange(code(care_identity)).json()["access_token"]

    def ask() -> Any:
        return care_identity.answer("/userinfo", headers={"Authorization": f"Bearer {access_token}"})

    care_identity.misbehave("userinfo-of-somebody-else")
    assert ask().json()["sub"] == JESS
    care_identity.misbehave("userinfo-fails")
    assert ask().status_code == 500
    care_identity.misbehave("userinfo-html")
    assert ask().headers["Content-Type"].startswith("text/html")
    care_identity.misbehave("userinfo-jwt")
    assert part(ask().text, 1)["sub"] == AMINA
    assert ask().json()["sub"] == AMINA


def test_slow_answers_come_after_ten_seconds(care_identity: StandIn) -> None:
    access_token = care_identity.exchange(code(care_identity)).json()["access_token"]
    fresh = code(care_identity)
    slow: dict[str, Callable[[], Any]] = {
        "discovery-slow": lambda: care_identity.answer("/.well-known/openid-configuration"),
        "token-slow": lambda: care_identity.exchange(fresh),
        "userinfo-slow": lambda: care_identity.answer("/userinfo", headers={"Authorization": f"Bearer {access_token}"}),
    }

    def seconds(kind: str) -> float:
        begin = time.monotonic()
        assert slow[kind]().status_code == 200
        return time.monotonic() - begin

    for kind in slow:
        care_identity.misbehave(kind)
    with ThreadPoolExecutor() as threads:
        assert all(taken >= 10 for taken in threads.map(seconds, slow))


def test_the_discovery_document_misbehaves(care_identity: StandIn) -> None:
    care_identity.misbehave("discovery-down")
    assert care_identity.answer("/.well-known/openid-configuration").status_code == 503
    care_identity.misbehave("discovery-other-issuer")
    assert care_identity.answer("/.well-known/openid-configuration").json()["issuer"] != care_identity.issuer


def test_the_keys_misbehave(care_identity: StandIn) -> None:
    care_identity.misbehave("no-keys")
    assert care_identity.answer("/connect/jwk_uri").json() == {"keys": []}
    care_identity.misbehave("keys-down")
    assert care_identity.answer("/connect/jwk_uri").status_code == 503


def test_keys_rotate_for_good(care_identity: StandIn) -> None:
    (before,) = (key.kid for key in published(care_identity).keys)
    care_identity.misbehave("rotated-keys")
    (after,) = (key.kid for key in published(care_identity).keys)
    assert after != before
    token = id_token(care_identity)
    assert part(token, 0)["kid"] == after
    jwt.decode(token, published(care_identity), algorithms=["RS256"])


def test_the_way_back_misbehaves(care_identity: StandIn) -> None:
    care_identity.misbehave("wrong-state")
    landed = care_identity.browser().log_in(AMINA, state="made-up-state").parameters
    assert landed["state"] != "made-up-state"
    care_identity.misbehave("wrong-code")
    landed = care_identity.browser().log_in(AMINA, state="made-up-state").parameters
    assert landed["state"] == "made-up-state"
    assert care_identity.exchange(landed["code"]).json()["error"] == "invalid_grant"


def test_another_site_cannot_press_the_switch(care_identity: StandIn) -> None:
    """Threat: a page elsewhere sends this form from the browser of somebody who tries the demo."""
    page = care_identity.browser().open("/misbehave/", {"kind": "alg-none", "times": "always"})
    assert page.status == 403
    assert "It behaves." in care_identity.browser().open("/misbehave/").text
