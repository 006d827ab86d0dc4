"""What is wrong with the answers of the provider's addresses."""

from __future__ import annotations

import json
import time
import uuid
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.http import HttpResponse, JsonResponse

from demo.care_identity import keys
from demo.care_identity.misbehaviour import Place, misbehaviour

# Seconds, as the page says. More than the portal waits.
SLOW = 10
# The helpdesk.
SOMEBODY_ELSE = "555000000110"


# The token endpoint ---------------------------------------------------------------------------------------------------


@misbehaviour(Place.TOKEN)
def token_fails(answer: HttpResponse) -> HttpResponse:
    """It fails (500)."""
    return _failure()


@misbehaviour(Place.TOKEN)
def token_html(answer: HttpResponse) -> HttpResponse:
    """It answers a page (HTML)."""
    return _page()


@misbehaviour(Place.TOKEN)
def token_slow(answer: HttpResponse) -> HttpResponse:
    """It takes 10 seconds."""
    return _late(answer)


@misbehaviour(Place.TOKEN)
def no_id_token(answer: HttpResponse) -> HttpResponse:
    """It answers without an ID token."""
    return JsonResponse(
        {name: value for name, value in json.loads(answer.content).items() if name != "id_token"},
        status=answer.status_code,
    )


# The userinfo endpoint ------------------------------------------------------------------------------------------------


@misbehaviour(Place.USERINFO)
def userinfo_of_somebody_else(answer: HttpResponse) -> HttpResponse:
    """It is about somebody else."""
    claims = json.loads(answer.content)
    return JsonResponse({**claims, "sub": SOMEBODY_ELSE, "uid": SOMEBODY_ELSE, "nhsid_useruid": SOMEBODY_ELSE})


@misbehaviour(Place.USERINFO)
def userinfo_fails(answer: HttpResponse) -> HttpResponse:
    """It fails (500)."""
    return _failure()


@misbehaviour(Place.USERINFO)
def userinfo_html(answer: HttpResponse) -> HttpResponse:
    """It answers a page (HTML)."""
    return _page()


@misbehaviour(Place.USERINFO)
def userinfo_jwt(answer: HttpResponse) -> HttpResponse:
    """It answers a signed token (JWT)."""
    return HttpResponse(keys.current().sign(json.loads(answer.content)), content_type="application/jwt")


@misbehaviour(Place.USERINFO)
def userinfo_slow(answer: HttpResponse) -> HttpResponse:
    """It takes 10 seconds."""
    return _late(answer)


# Discovery and keys ---------------------------------------------------------------------------------------------------


@misbehaviour(Place.DISCOVERY)
def discovery_down(answer: HttpResponse) -> HttpResponse:
    """It is down (503)."""
    return _page(status=503)


@misbehaviour(Place.DISCOVERY)
def discovery_slow(answer: HttpResponse) -> HttpResponse:
    """It takes 10 seconds."""
    return _late(answer)


@misbehaviour(Place.DISCOVERY)
def discovery_other_issuer(answer: HttpResponse) -> HttpResponse:
    """It names another issuer."""
    return JsonResponse({**json.loads(answer.content), "issuer": "https://somebody-else.example"})


@misbehaviour(Place.KEYS)
def no_keys(answer: HttpResponse) -> HttpResponse:
    """There are none."""
    return JsonResponse({"keys": []})


@misbehaviour(Place.KEYS)
def keys_down(answer: HttpResponse) -> HttpResponse:
    """They are down (503)."""
    return _page(status=503)


@misbehaviour(Place.AT_ONCE)
def rotated_keys(nothing: None) -> None:
    """Signs with a new key, published under its own id; the old one is gone (harmless)."""
    keys.rotate()


# The way back ---------------------------------------------------------------------------------------------------------


@misbehaviour(Place.REDIRECT)
def wrong_state(answer: HttpResponse) -> HttpResponse:
    """With the state of another log-in."""
    return _sent_back(answer, state=uuid.uuid4().hex)


@misbehaviour(Place.REDIRECT)
def wrong_code(answer: HttpResponse) -> HttpResponse:
    """With a code that was never issued."""
    return _sent_back(answer, code=uuid.uuid4().hex)


def _failure() -> HttpResponse:
    return JsonResponse({"error": "server_error"}, status=500)


def _page(*, status: int = 200) -> HttpResponse:
    return HttpResponse("<!DOCTYPE html><title>Care Identity</title><p>Sorry.</p>", status=status)


def _late(answer: HttpResponse) -> HttpResponse:
    time.sleep(SLOW)
    return answer


def _sent_back(answer: HttpResponse, **changed: str) -> HttpResponse:
    parts = urlsplit(answer.headers["Location"])
    query = urlencode({**dict(parse_qsl(parts.query)), **changed})
    answer.headers["Location"] = urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))
    return answer
