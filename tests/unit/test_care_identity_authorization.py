"""Going to Care Identity and coming back: what is asked, what the browser may bring, and how we show who we are."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
import time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.utils import translation
from joserfc import jwt
from joserfc.jwk import KeySet
from pytest_django import Settings

from care_identity.services import authorization, client_keys
from care_identity.services.authorization import Begun
from care_identity.services.refusals import Page, Refused
from tests.support.openid_provider import UID, OpenIDProvider, key_named
from tests.support.openid_server import Answer

BACK = "https://esr.example.nhs.uk/care-identity/callback/"


def asked(begun: Begun) -> dict[str, str]:
    """Return what Care Identity is asked for, each once."""
    pairs = parse_qsl(urlsplit(begun.address).query, keep_blank_values=True)
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


def refusal(parameters: dict[str, Any], begun: Begun) -> tuple[str, Page]:
    """Return why what a browser brings back is refused, and the page that the person gets."""
    with pytest.raises(Refused) as refused:
        authorization.finish(parameters=parameters, begun=begun)
    assert len(refused.value.reason) <= 40
    return refused.value.reason, refused.value.page


def test_what_care_identity_is_asked(openid_provider: OpenIDProvider) -> None:
    begun = authorization.begin()
    challenge = hashlib.sha256(begun.code_verifier.encode()).digest()
    assert begun.address.startswith(f"{openid_provider.issuer}/authorization?")
    assert asked(begun) == {
        "response_type": "code",
        "client_id": "esr-portal-tests.apps.national",
        "redirect_uri": BACK,
        "scope": "openid profile nationalrbacaccess",
        "state": begun.state,
        "nonce": begun.nonce,
        "acr_values": "AAL2_OR_AAL3_ANY",
        "prompt": "login",
        "code_challenge": base64.urlsafe_b64encode(challenge).decode().rstrip("="),
        "code_challenge_method": "S256",
    }


def test_a_welsh_page_asks_care_identity_for_welsh(openid_provider: OpenIDProvider) -> None:
    """A provider that speaks none must not fail for it (OpenID Connect Core 1.0, 15.1)."""
    with translation.override("cy"):
        begun = authorization.begin()
    assert asked(begun)["ui_locales"] == "cy en-GB"
    assert authorization.finish(parameters=openid_provider.visit(begun.address), begun=begun).proof.uid == UID


def test_who_is_to_show_it_again_is_asked_to(openid_provider: OpenIDProvider) -> None:
    before = int(time.time())
    begun = authorization.begin(again=True)
    assert asked(begun)["max_age"] == "0"
    assert before <= begun.not_before <= time.time()
    assert authorization.finish(parameters=openid_provider.visit(begun.address), begun=begun).proof.uid == UID


def test_what_is_secret_is_new_each_time(openid_provider: OpenIDProvider) -> None:
    """Threat: state, nonce and code verifier can be guessed, or fit another log-in."""
    several = [authorization.begin() for _ in range(20)]
    secrets = [secret for begun in several for secret in (begun.state, begun.nonce, begun.code_verifier)]
    assert len(set(secrets)) == 60
    assert all(len(secret) >= 43 for secret in secrets)
    assert not any(begun.code_verifier in begun.address for begun in several)


def test_a_session_can_hold_what_was_begun(openid_provider: OpenIDProvider) -> None:
    begun = authorization.begin(again=True)
    assert Begun(**json.loads(json.dumps(dataclasses.asdict(begun)))) == begun


def test_the_id_token_is_handed_over_as_it_came(openid_provider: OpenIDProvider) -> None:
    begun = authorization.begin()
    answer = authorization.finish(parameters=openid_provider.visit(begun.address), begun=begun)
    assert answer.proof.uid == UID
    assert answer.id_token.count(".") == 2
    assert openid_provider.last("/userinfo").headers["Authorization"].startswith("Bearer access-")


@pytest.mark.parametrize("state", [None, "", "another", "\ud800", 1])
def test_another_state_is_refused(openid_provider: OpenIDProvider, state: Any) -> None:
    """Threat: a link with an attacker's code logs its reader in as the attacker (log-in CSRF)."""
    begun = authorization.begin()
    parameters = {**openid_provider.visit(begun.address), "state": state}
    assert refusal(parameters, begun) == ("state", Page.START_AGAIN)
    without = dataclasses.replace(begun, state="")
    assert refusal({**parameters, "state": ""}, without) == ("state", Page.START_AGAIN)
    assert openid_provider.count("/token") == 0


@pytest.mark.parametrize("code", [None, "", "c" * 5000, "a\nb", "é", 1])
def test_what_is_no_code_is_refused(openid_provider: OpenIDProvider, code: Any) -> None:
    begun = authorization.begin()
    parameters = {"state": begun.state, "code": code}
    assert refusal(parameters, begun) == ("answer_code", Page.START_AGAIN)
    assert openid_provider.count("/token") == 0


def test_a_code_is_taken_once(openid_provider: OpenIDProvider) -> None:
    """Threat: a code from a log or a history is used a second time."""
    begun = authorization.begin()
    parameters = openid_provider.visit(begun.address)
    authorization.finish(parameters=parameters, begun=begun)
    assert refusal(parameters, begun) == ("code_refused", Page.START_AGAIN)


def test_a_code_of_another_log_in_is_refused(openid_provider: OpenIDProvider) -> None:
    """Threat: a stolen code is put into the thief's own log-in; PKCE binds it to the browser that asked for it."""
    theirs, ours = authorization.begin(), authorization.begin()
    stolen = openid_provider.visit(theirs.address)["code"]
    assert refusal({"state": ours.state, "code": stolen}, ours) == ("code_refused", Page.START_AGAIN)


ERRORS = [
    ("access_denied", "answer_access_denied", Page.CANCELLED),
    ("login_required", "answer_login_required", Page.CANCELLED),
    ("account_selection_required", "answer_account_selection_required", Page.CANCELLED),
    ("server_error", "answer_server_error", Page.UNAVAILABLE),
    ("temporarily_unavailable", "answer_temporarily_unavailable", Page.UNAVAILABLE),
    ("invalid_scope", "answer_invalid_scope", Page.UNAVAILABLE),
    ("something a stranger wrote into the address", "answer_error", Page.UNAVAILABLE),
    ("", "answer_error", Page.UNAVAILABLE),
]


@pytest.mark.parametrize(("error", "reason", "page"), ERRORS)
def test_an_error_of_care_identity_has_its_page(
    openid_provider: OpenIDProvider, error: str, reason: str, page: Page
) -> None:
    begun = authorization.begin()
    brought = {**openid_provider.visit(begun.address), "error": error, "error_description": "Nothing that we show."}
    assert refusal(brought, begun) == (reason, page)
    assert openid_provider.count("/token") == 0


@pytest.mark.parametrize("issuer", ["", "https://evil.example", None])
def test_an_answer_of_another_provider_is_refused(openid_provider: OpenIDProvider, issuer: str | None) -> None:
    """Threat: a code is taken to another provider than the one that gave it (mix-up, RFC 9207)."""
    openid_provider.discovery["authorization_response_iss_parameter_supported"] = True
    begun = authorization.begin()
    brought = openid_provider.visit(begun.address)
    assert refusal(brought | ({} if issuer is None else {"iss": issuer}), begun) == ("answer_iss", Page.NOT_BELIEVED)
    right = {**brought, "iss": openid_provider.issuer}
    assert authorization.finish(parameters=right, begun=begun).proof.uid == UID


def test_another_provider_is_refused_where_care_identity_need_not_say_who_it_is(
    openid_provider: OpenIDProvider,
) -> None:
    begun = authorization.begin()
    brought = {**openid_provider.visit(begun.address), "iss": "https://evil.example"}
    assert refusal(brought, begun) == ("answer_iss", Page.NOT_BELIEVED)


TOKENS: list[tuple[dict[str, Any], str, Page]] = [
    ({"id_token": None}, "id_token_missing", Page.NOT_BELIEVED),
    ({"id_token": ""}, "id_token_missing", Page.NOT_BELIEVED),
    ({"id_token": {"sub": UID}}, "id_token_missing", Page.NOT_BELIEVED),
    ({"id_token": "not.a.token"}, "token_malformed", Page.NOT_BELIEVED),
    ({"access_token": None}, "access_token", Page.NOT_BELIEVED),
    ({"access_token": 1}, "access_token", Page.NOT_BELIEVED),
    ({"access_token": "another"}, "id_token_at_hash", Page.NOT_BELIEVED),
    ({"token_type": None}, "access_token", Page.NOT_BELIEVED),
    ({"token_type": "mac"}, "access_token", Page.NOT_BELIEVED),
    ({"expires_in": "soon"}, "provider_failed", Page.UNAVAILABLE),
    ({"expires_at": []}, "provider_failed", Page.UNAVAILABLE),
    ({"error": "invalid_grant"}, "provider_failed", Page.UNAVAILABLE),
]


@pytest.mark.parametrize(("token", "reason", "page"), TOKENS)
def test_what_is_given_for_a_code_has_to_be_whole(
    openid_provider: OpenIDProvider, token: dict[str, Any], reason: str, page: Page
) -> None:
    """Threat: an answer without an ID token passes, as it does with Authlib's own Django client."""
    openid_provider.token = token
    begun = authorization.begin()
    assert refusal(openid_provider.visit(begun.address), begun) == (reason, page)


REFUSALS = [
    (400, b'{"error": "invalid_client"}', "token_invalid_client"),
    (401, b'{"error": "invalid_client"}', "token_invalid_client"),
    (400, b'{"error": "what a stranger writes"}', "token_error"),
    (400, b'{"error": ["invalid_grant"]}', "token_error"),
    (400, b"<html>", "provider_failed"),
    (500, b'{"error": "invalid_grant"}', "provider_answered_500"),
    (302, b"", "provider_failed"),
]


@pytest.mark.parametrize(("status", "body", "reason"), REFUSALS)
def test_a_token_endpoint_that_fails_is_unavailable(
    openid_provider: OpenIDProvider, status: int, body: bytes, reason: str
) -> None:
    begun = authorization.begin()
    openid_provider.answers["/token"] = Answer(body, status=status, headers={"Location": openid_provider.issuer})
    assert refusal(openid_provider.visit(begun.address), begun) == (reason, Page.UNAVAILABLE)


def test_userinfo_as_a_token_is_refused(openid_provider: OpenIDProvider) -> None:
    """A signed answer about the person would be one more form to check; JSON alone is taken."""
    begun = authorization.begin()
    token = openid_provider.id_token(nonce="one", access_token="two").encode()
    openid_provider.answers["/userinfo"] = Answer(token, headers={"Content-Type": "application/jwt"})
    assert refusal(openid_provider.visit(begun.address), begun) == ("provider_failed", Page.UNAVAILABLE)


def test_a_secret_is_sent_in_the_body(openid_provider: OpenIDProvider, settings: Settings) -> None:
    settings.CARE_IDENTITY_PRIVATE_KEY_FILE, settings.CARE_IDENTITY_CLIENT_SECRET = "", "s3cret & more"
    begun = authorization.begin()
    authorization.finish(parameters=openid_provider.visit(begun.address), begun=begun)
    sent = openid_provider.last("/token")
    assert sent.form["client_secret"] == "s3cret & more"
    assert sent.form["client_id"] == settings.CARE_IDENTITY_CLIENT_ID
    assert "client_assertion" not in sent.form
    assert "Authorization" not in sent.headers


def test_with_a_key_no_secret_is_sent(openid_provider: OpenIDProvider, settings: Settings, tmp_path: Path) -> None:
    """The assertion that is sent instead holds for five minutes and once, for this token endpoint alone (RFC 7523)."""
    (tmp_path / "key.pem").write_bytes(key_named("ours").as_pem(private=True))
    settings.CARE_IDENTITY_PRIVATE_KEY_FILE = str(tmp_path / "key.pem")
    assertions = []
    for _ in range(2):
        begun = authorization.begin()
        authorization.finish(parameters=openid_provider.visit(begun.address), begun=begun)
        form = openid_provider.last("/token").form
        assert set(form) == {
            "grant_type", "code", "redirect_uri", "code_verifier", "client_assertion_type", "client_assertion"
        }  # fmt: skip
        assert form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        published = KeySet.import_key_set(client_keys.public_keys())  # type: ignore[arg-type]  # It is only a dict.
        assertions.append(jwt.decode(form["client_assertion"], published, algorithms=["RS512"]))
    for assertion in assertions:
        assert assertion.header == {"alg": "RS512", "typ": "JWT", "kid": client_keys.signing_key().kid}
        claims = assertion.claims
        assert claims["iss"] == claims["sub"] == settings.CARE_IDENTITY_CLIENT_ID
        assert claims["aud"] == f"{openid_provider.issuer}/token"
        assert 290 <= claims["exp"] - time.time() <= 300
    assert assertions[0].claims["jti"] != assertions[1].claims["jti"]


def test_a_key_that_has_gone_is_a_refusal(openid_provider: OpenIDProvider, settings: Settings, tmp_path: Path) -> None:
    settings.CARE_IDENTITY_PRIVATE_KEY_FILE = str(tmp_path / "gone.pem")
    begun = authorization.begin()
    assert refusal(openid_provider.visit(begun.address), begun) == ("client_key", Page.UNAVAILABLE)
