"""Whose signature a token has: Care Identity's, by an algorithm that we expect, or none that counts."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey, RSAKey
from pytest_django import Settings

from care_identity.services import authorization, tokens
from care_identity.services.refusals import Page, Refused
from tests.support.openid_provider import UID, OpenIDProvider, key_named


def log_in(provider: OpenIDProvider) -> str:
    """Log in at the provider; return who that was."""
    begun = authorization.begin()
    return authorization.finish(parameters=provider.visit(begun.address), begun=begun).proof.uid


def refusal(provider: OpenIDProvider) -> str:
    """Return why a log-in at the provider is refused: as one that cannot have come from it."""
    with pytest.raises(Refused) as refused:
        log_in(provider)
    assert refused.value.page is Page.NOT_BELIEVED
    return refused.value.reason


def publish(provider: OpenIDProvider, *keys: dict[str, Any]) -> None:
    """Have the provider publish these keys, next to its own."""
    provider.documents["/keys"] = {"keys": [provider.key.as_dict(private=False), *keys]}


def sign_with(provider: OpenIDProvider, key: RSAKey | ECKey, algorithm: str) -> None:
    """Have the provider sign by another algorithm, with a key that it publishes."""
    publish(provider, {**key.as_dict(private=False), "kid": "other"})
    provider.signs_with, provider.header = key, {"alg": algorithm, "kid": "other"}


def say(provider: OpenIDProvider, **header: Any) -> None:
    """Have the provider say this in the header. joserfc signs no nonsense, so that goes without a signature."""
    provider.header = header
    if not all(value is None or isinstance(value, str) for value in header.values()):
        provider.signs_with = None


@pytest.mark.parametrize("algorithm", ["RS256", "RS512", "PS256"])
def test_the_algorithms_of_rsa_keys(openid_provider: OpenIDProvider, algorithm: str) -> None:
    sign_with(openid_provider, RSAKey.import_key(key_named("key-2").raw_value), algorithm)
    assert log_in(openid_provider) == UID


def test_the_algorithm_of_curves(openid_provider: OpenIDProvider) -> None:
    sign_with(openid_provider, ECKey.generate_key("P-256"), "ES256")
    assert log_in(openid_provider) == UID


@pytest.mark.parametrize(("curve", "algorithm"), [("P-384", "ES384"), ("P-521", "ES512")])
def test_other_algorithms_are_refused(openid_provider: OpenIDProvider, curve: str, algorithm: str) -> None:
    """Threat: an algorithm that was never reviewed here is taken because a token asks for it."""
    sign_with(openid_provider, ECKey.generate_key(curve), algorithm)
    assert refusal(openid_provider) == "token_algorithm"


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE", "", "RS256 ", "rs256", None, 1, ["RS256"]])
def test_no_signature_is_refused(openid_provider: OpenIDProvider, algorithm: Any) -> None:
    """Threat: a token says of itself that it needs no signature."""
    openid_provider.signs_with, openid_provider.header = None, {"alg": algorithm}
    assert refusal(openid_provider) == "token_algorithm"


def test_an_expected_algorithm_without_a_signature_is_refused(openid_provider: OpenIDProvider) -> None:
    """Threat: an empty signature passes for one that cannot be read."""
    openid_provider.signs_with = None
    assert refusal(openid_provider) == "token_signature"


def test_the_public_key_is_no_secret_to_sign_with(openid_provider: OpenIDProvider) -> None:
    """Threat: HS256 with the published RSA key as the secret, which is public (CVE-2015-9235)."""
    openid_provider.signs_with = OctKey.import_key(str(openid_provider.key.as_dict(private=False)["n"]))
    openid_provider.header = {"alg": "HS256"}
    assert refusal(openid_provider) == "token_algorithm"


def test_the_client_secret_is_none_either(openid_provider: OpenIDProvider, settings: Settings) -> None:
    """Threat: an attacker who has our client secret signs tokens about any person."""
    openid_provider.signs_with = OctKey.import_key(settings.CARE_IDENTITY_CLIENT_SECRET)
    openid_provider.header = {"alg": "HS256"}
    assert refusal(openid_provider) == "token_algorithm"


def test_another_key_under_a_known_name_is_refused(openid_provider: OpenIDProvider) -> None:
    """Threat: a forger names the key that we know, and signs with their own."""
    openid_provider.signs_with = RSAKey.import_key(key_named("key-2").raw_value)
    assert refusal(openid_provider) == "token_signature"


@pytest.mark.parametrize("kid", [None, "", "another", 1, ["key-1"], "k" * 300])
def test_a_key_that_nobody_published_is_refused(openid_provider: OpenIDProvider, kid: Any) -> None:
    say(openid_provider, kid=kid)
    assert refusal(openid_provider) == "token_kid"


def test_a_key_in_the_header_is_not_looked_at(openid_provider: OpenIDProvider) -> None:
    """Threat: a forger puts their own key into the header, for us to check with (CVE-2018-0114)."""
    forger = RSAKey.import_key(key_named("key-2").raw_value)
    openid_provider.signs_with = forger
    openid_provider.header = {"jwk": {"kty": "RSA", "n": "AQAB", "e": "AQAB"}}
    assert refusal(openid_provider) == "token_signature"


def test_an_address_in_the_header_is_not_asked(openid_provider: OpenIDProvider) -> None:
    """Threat: a forger names an address of theirs where the key is to be had (jku)."""
    openid_provider.signs_with = RSAKey.import_key(key_named("key-2").raw_value)
    openid_provider.header = {"jku": f"{openid_provider.issuer}/forged-keys"}
    assert refusal(openid_provider) == "token_signature"
    assert openid_provider.count("/forged-keys") == 0


def test_a_key_of_another_kind_is_refused(openid_provider: OpenIDProvider) -> None:
    publish(openid_provider, {**ECKey.generate_key("P-256").as_dict(private=False), "kid": "other"})
    openid_provider.header = {"kid": "other"}
    assert refusal(openid_provider) == "token_kid"


def test_a_key_for_encryption_is_refused(openid_provider: OpenIDProvider) -> None:
    key = RSAKey.import_key(key_named("key-2").raw_value)
    publish(openid_provider, {**key.as_dict(private=False), "kid": "other", "use": "enc"})
    openid_provider.signs_with, openid_provider.header = key, {"kid": "other"}
    assert refusal(openid_provider) == "token_kid"


def test_a_key_for_another_algorithm_is_refused(openid_provider: OpenIDProvider) -> None:
    key = RSAKey.import_key(key_named("key-2").raw_value)
    publish(openid_provider, {**key.as_dict(private=False), "kid": "other", "alg": "RS512"})
    openid_provider.signs_with, openid_provider.header = key, {"kid": "other"}
    assert refusal(openid_provider) == "token_kid"


@pytest.mark.filterwarnings("ignore:Key size:joserfc.errors.SecurityWarning")
def test_a_short_key_is_refused(openid_provider: OpenIDProvider) -> None:
    """Threat: a key of 1024 bits can be found out."""
    key = RSAKey.generate_key(1024)
    sign_with(openid_provider, key, "RS256")
    assert refusal(openid_provider) == "token_kid"


@pytest.mark.parametrize(
    "published",
    [
        None,
        "a key",
        {},
        {"kid": "other", "kty": "RSA"},
        {"kid": "other", "kty": "RSA", "n": "äöü", "e": "AQAB"},
        {"kid": "other", "kty": "RSA", "n": "A" * 100_000, "e": "AQAB"},
        {"kid": "other", "kty": "RSA", "n": "_" * 342, "e": "Ag"},
        {"kid": "other", "kty": "EC", "crv": "P-256", "x": "AQ", "y": "AQ"},
        {"kid": "other", "kty": ["RSA"], "n": 1, "e": 2},
        {"kid": "other", "kty": "oct", "k": "AQAB"},
        {"kid": "other", "kty": "ML-DSA-65", "pub": "AQAB"},
        {"kid": ["other"], "kty": "RSA", "n": "AQAB", "e": "AQAB"},
        {"kty": "RSA", "n": "AQAB", "e": "AQAB"},
    ],
)
def test_a_key_that_is_none_takes_nothing_from_the_others(openid_provider: OpenIDProvider, published: Any) -> None:
    publish(openid_provider, published)
    assert log_in(openid_provider) == UID


@pytest.mark.parametrize("kind", ["at+jwt", "logout+jwt", "secevent+jwt", "", 1, ["JWT"]])
def test_another_kind_of_token_is_no_id_token(openid_provider: OpenIDProvider, kind: Any) -> None:
    """Threat: what Care Identity signed for another end is shown as an ID token (RFC 8725, 3.11)."""
    say(openid_provider, typ=kind)
    assert refusal(openid_provider) == "token_type"


@pytest.mark.parametrize("kind", [None, "jwt", "application/jwt"])
def test_what_an_id_token_may_call_itself(openid_provider: OpenIDProvider, kind: str | None) -> None:
    openid_provider.header = {"typ": kind}
    assert log_in(openid_provider) == UID


@pytest.mark.parametrize("header", [{"crit": ["exp"], "exp": 1}, {"crit": []}, {"b64": True}])
def test_what_has_to_be_understood_is_refused(openid_provider: OpenIDProvider, header: dict[str, Any]) -> None:
    """Threat: a header changes what the signature means, and we pass over it (RFC 7515, 4.1.11; RFC 7797)."""
    openid_provider.header, openid_provider.signs_with = header, None
    assert refusal(openid_provider) == "token_critical"


def test_a_header_that_we_do_not_know_does_no_harm(openid_provider: OpenIDProvider) -> None:
    openid_provider.header = {"example": "something"}
    assert log_in(openid_provider) == UID


def test_a_claim_that_comes_twice_is_refused(openid_provider: OpenIDProvider) -> None:
    """Threat: two readers of one token take two different people from it."""
    claims = json.dumps({"iss": openid_provider.issuer, "sub": UID})
    twice = claims.replace("{", '{"sub": "555000000998", ')
    header = {"alg": "RS256", "kid": openid_provider.key.kid}
    assert tokens.read(openid_provider.write(claims, header=header))["sub"] == UID
    with pytest.raises(Refused, match="token_malformed"):
        tokens.read(openid_provider.write(twice, header=header))


@pytest.mark.parametrize("changed", [0, 1])
def test_a_changed_token_is_refused(openid_provider: OpenIDProvider, changed: int) -> None:
    token = openid_provider.id_token(nonce="one", access_token="two")
    parts = token.split(".")
    document = json.loads(base64.urlsafe_b64decode(parts[changed] + "=="))
    parts[changed] = base64.urlsafe_b64encode(json.dumps({**document, "cty": "JWT"}).encode()).decode().rstrip("=")
    assert tokens.read(token)["sub"] == UID
    with pytest.raises(Refused, match="token_signature"):
        tokens.read(".".join(parts))


@pytest.mark.parametrize(
    "text",
    [
        "", ".", "..", "...", "a.b", "a.b.c", "a.b.c.d", "a.b.c.d.e", "{}", "é.é.é", "[]", "W10.W10.W10",
        "bnVsbA.e30.", "e30.e30.", "eyJhbGciOiJSUzI1NiJ9" + "." * 5, "x" * 70_000, "e" * 70_000 + ".e30.",
        base64.b64encode(b"[" * 30_000).decode() + ".e30.e30", "\x00.\x00.\x00",
    ],
)  # fmt: skip
def test_what_is_no_token_is_refused(openid_provider: OpenIDProvider, text: str) -> None:
    """Threat: something unreadable brings the portal down (a page that cannot be shown, a thread that never ends)."""
    with pytest.raises(Refused) as refused:
        tokens.read(text)
    assert refused.value.reason in {"token_malformed", "token_algorithm"}
    assert not openid_provider.requests


@pytest.mark.parametrize("payload", ["", "[]", "null", '"text"', "{", "[" * 5000, '{"iss": Infinity}', "é"])
def test_what_says_nothing_is_refused(openid_provider: OpenIDProvider, payload: str) -> None:
    with pytest.raises(Refused, match="token_malformed"):
        tokens.read(openid_provider.write(payload, header={"alg": "RS256", "kid": openid_provider.key.kid}))
