"""What a hostile, broken or merely odd provider does, one small function each."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
import uuid
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.http import HttpResponse, JsonResponse

from demo.care_identity import back_channel, keys, tokens
from demo.care_identity.misbehaviour import Place, misbehaviour

Claims = dict[str, Any]
# Seconds. More than anybody waits for a page.
SLOW = 10
HOUR = 3600
SOMEBODY_ELSE = "555000000110"


# The ID token as a whole ----------------------------------------------------------------------------------------------


@misbehaviour(Place.ID_TOKEN, "Signed with another key under the same key id")
def wrong_key(claims: Claims) -> str:
    other = keys.make()
    return tokens.compact(
        header={"alg": "RS256", "kid": keys.current().kid}, claims=claims, sign=tokens.rs256(other.private)
    )


@misbehaviour(Place.ID_TOKEN, "Signed with a key that is published nowhere")
def unknown_key(claims: Claims) -> str:
    return keys.make().sign(claims)


@misbehaviour(Place.ID_TOKEN, "Not signed: alg is none")
def alg_none(claims: Claims) -> str:
    return tokens.compact(header={"alg": "none"}, claims=claims, sign=lambda signed: b"")


@misbehaviour(Place.ID_TOKEN, "Signed by HS256 with the public key as the secret")
def public_key_as_secret(claims: Claims) -> str:
    key = keys.current()
    secret = key.public_pem.encode()
    return tokens.compact(
        header={"alg": "HS256", "kid": key.kid},
        claims=claims,
        sign=lambda signed: hmac.new(secret, signed, hashlib.sha256).digest(),
    )


@misbehaviour(Place.ID_TOKEN, "A token of two parts, without a signature")
def two_parts(claims: Claims) -> str:
    return keys.current().sign(claims).rpartition(".")[0]


@misbehaviour(Place.ID_TOKEN, "A log-out token in the place of the ID token")
def logout_token(claims: Claims) -> str:
    return back_channel.logout_token(subject=claims["sub"], session=claims["sid"])


# Its claims -----------------------------------------------------------------------------------------------------------


@misbehaviour(Place.CLAIMS, "It ended an hour ago")
def expired(claims: Claims) -> Claims:
    return {**claims, "exp": int(time.time()) - HOUR}


@misbehaviour(Place.CLAIMS, "It has no end")
def no_exp(claims: Claims) -> Claims:
    return _without(claims, "exp")


@misbehaviour(Place.CLAIMS, "It was issued an hour from now")
def issued_in_the_future(claims: Claims) -> Claims:
    return {**claims, "iat": claims["iat"] + HOUR, "exp": claims["exp"] + HOUR}


@misbehaviour(Place.CLAIMS, "It is for another service")
def wrong_aud(claims: Claims) -> Claims:
    return {**claims, "aud": "somebody-else.apps.national"}


@misbehaviour(Place.CLAIMS, "It is for this service and another")
def list_of_auds(claims: Claims) -> Claims:
    return {**claims, "aud": [claims["aud"], "somebody-else.apps.national"]}


@misbehaviour(Place.CLAIMS, "Another service asked for it (azp)")
def other_azp(claims: Claims) -> Claims:
    return {**claims, "azp": "somebody-else.apps.national"}


@misbehaviour(Place.CLAIMS, "The nonce of another log-in")
def other_nonce(claims: Claims) -> Claims:
    return {**claims, "nonce": uuid.uuid4().hex}


@misbehaviour(Place.CLAIMS, "No nonce")
def no_nonce(claims: Claims) -> Claims:
    return _without(claims, "nonce")


@misbehaviour(Place.CLAIMS, "The at_hash of another access token")
def wrong_at_hash(claims: Claims) -> Claims:
    return {**claims, "at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}


@misbehaviour(Place.CLAIMS, "No at_hash")
def no_at_hash(claims: Claims) -> Claims:
    return _without(claims, "at_hash")


@misbehaviour(Place.CLAIMS, "Another issuer")
def wrong_iss(claims: Claims) -> Claims:
    return {**claims, "iss": "https://somebody-else.example"}


@misbehaviour(Place.CLAIMS, "No sub")
def no_sub(claims: Claims) -> Claims:
    return _without(claims, "sub")


@misbehaviour(Place.CLAIMS, "The person logged in an hour ago (auth_time)")
def old_auth_time(claims: Claims) -> Claims:
    return {**claims, "auth_time": int(time.time()) - HOUR}


@misbehaviour(Place.CLAIMS, "No auth_time")
def no_auth_time(claims: Claims) -> Claims:
    return _without(claims, "auth_time")


@misbehaviour(Place.CLAIMS, "No acr")
def no_acr(claims: Claims) -> Claims:
    return _without(claims, "acr")


@misbehaviour(Place.CLAIMS, "No authentication_assurance_level")
def no_authentication_level(claims: Claims) -> Claims:
    return _without(claims, "authentication_assurance_level")


@misbehaviour(Place.CLAIMS, "authentication_assurance_level is 1")
def authentication_level_1(claims: Claims) -> Claims:
    return {**claims, "authentication_assurance_level": 1}


@misbehaviour(Place.CLAIMS, "No id_assurance_level")
def no_identity_level(claims: Claims) -> Claims:
    return _without(claims, "id_assurance_level")


@misbehaviour(Place.CLAIMS, "id_assurance_level is 2")
def identity_level_2(claims: Claims) -> Claims:
    return {**claims, "id_assurance_level": 2}


@misbehaviour(Place.CLAIMS, "The email address of somebody else beside the own sub (harmless)")
def email_of_somebody_else(claims: Claims) -> Claims:
    return {**claims, "email": "jess.turner@riverside.nhs.example", "email_verified": True}


# The token endpoint ---------------------------------------------------------------------------------------------------


@misbehaviour(Place.TOKEN, "It fails (500)")
def token_fails(answer: HttpResponse) -> HttpResponse:
    return _failure()


@misbehaviour(Place.TOKEN, "It answers a page (HTML)")
def token_html(answer: HttpResponse) -> HttpResponse:
    return _page()


@misbehaviour(Place.TOKEN, f"It takes {SLOW} seconds")
def token_slow(answer: HttpResponse) -> HttpResponse:
    return _late(answer)


@misbehaviour(Place.TOKEN, "It answers without an ID token")
def no_id_token(answer: HttpResponse) -> HttpResponse:
    return JsonResponse(_without(json.loads(answer.content), "id_token"), status=answer.status_code)


# The userinfo endpoint ------------------------------------------------------------------------------------------------


@misbehaviour(Place.USERINFO, "It is about somebody else")
def userinfo_of_somebody_else(answer: HttpResponse) -> HttpResponse:
    claims = json.loads(answer.content)
    return JsonResponse({**claims, "sub": SOMEBODY_ELSE, "uid": SOMEBODY_ELSE, "nhsid_useruid": SOMEBODY_ELSE})


@misbehaviour(Place.USERINFO, "It fails (500)")
def userinfo_fails(answer: HttpResponse) -> HttpResponse:
    return _failure()


@misbehaviour(Place.USERINFO, "It answers a page (HTML)")
def userinfo_html(answer: HttpResponse) -> HttpResponse:
    return _page()


@misbehaviour(Place.USERINFO, "It answers a signed token (JWT)")
def userinfo_jwt(answer: HttpResponse) -> HttpResponse:
    return HttpResponse(keys.current().sign(json.loads(answer.content)), content_type="application/jwt")


@misbehaviour(Place.USERINFO, f"It takes {SLOW} seconds")
def userinfo_slow(answer: HttpResponse) -> HttpResponse:
    return _late(answer)


# Discovery and keys ---------------------------------------------------------------------------------------------------


@misbehaviour(Place.DISCOVERY, "It is down (503)")
def discovery_down(answer: HttpResponse) -> HttpResponse:
    return _page(status=503)


@misbehaviour(Place.DISCOVERY, f"It takes {SLOW} seconds")
def discovery_slow(answer: HttpResponse) -> HttpResponse:
    return _late(answer)


@misbehaviour(Place.DISCOVERY, "It names another issuer")
def discovery_other_issuer(answer: HttpResponse) -> HttpResponse:
    return JsonResponse({**json.loads(answer.content), "issuer": "https://somebody-else.example"})


@misbehaviour(Place.KEYS, "There are none")
def no_keys(answer: HttpResponse) -> HttpResponse:
    return JsonResponse({"keys": []})


@misbehaviour(Place.KEYS, "They are down (503)")
def keys_down(answer: HttpResponse) -> HttpResponse:
    return _page(status=503)


@misbehaviour(Place.AT_ONCE, "Signs with a new key, published under its own id; the old one is gone (harmless)")
def rotated_keys(nothing: None) -> None:
    keys.rotate()


# The way back ---------------------------------------------------------------------------------------------------------


@misbehaviour(Place.REDIRECT, "With the state of another log-in")
def wrong_state(answer: HttpResponse) -> HttpResponse:
    return _sent_back(answer, state=uuid.uuid4().hex)


@misbehaviour(Place.REDIRECT, "With a code that was never issued")
def wrong_code(answer: HttpResponse) -> HttpResponse:
    return _sent_back(answer, code=uuid.uuid4().hex)


def _without(claims: Claims, name: str) -> Claims:
    return {key: value for key, value in claims.items() if key != name}


def _failure() -> HttpResponse:
    return JsonResponse({"error": "server_error"}, status=500)


def _page(*, status: int = 200) -> HttpResponse:
    return HttpResponse("<!DOCTYPE html><title>Care Identity</title><p>Sorry.</p>", status=status)


def _late(answer: HttpResponse) -> HttpResponse:
    time.sleep(SLOW)
    return answer


def _sent_back(answer: HttpResponse, **changed: str) -> HttpResponse:
    parts = urlsplit(answer.headers["Location"])
    answer.headers["Location"] = parts._replace(query=urlencode({**dict(parse_qsl(parts.query)), **changed})).geturl()
    return answer
