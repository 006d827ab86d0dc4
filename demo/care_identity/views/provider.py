"""The provider's front door: discovery, keys, and the authorization endpoint."""

from __future__ import annotations

import time
from typing import cast
from urllib.parse import urlencode

from allauth.idp.oidc import views as oidc
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from demo.care_identity import configuration, keys, misbehaviour, proofs
from demo.care_identity.misbehaviour import Place
from demo.care_identity.pending import Pending
from demo.care_identity.proofs import Proof
from demo.care_identity.views.home import refused


@require_safe
def discovery(request: HttpRequest) -> HttpResponse:
    """Answer where everything is (OpenID Connect Discovery 1.0)."""

    def here(name: str) -> str:
        return configuration.ISSUER + reverse(name)

    document = {
        "stand_in": True,
        "issuer": configuration.ISSUER,
        "authorization_endpoint": here("authorize"),
        "token_endpoint": here("token"),
        "userinfo_endpoint": here("userinfo"),
        "jwks_uri": here("keys"),
        "end_session_endpoint": here("end_session"),
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["private_key_jwt", "client_secret_post"],
        "token_endpoint_auth_signing_alg_values_supported": ["RS512"],
        "code_challenge_methods_supported": ["S256"],
        "scopes_supported": ["openid", "profile", "nationalrbacaccess"],
        "acr_values_supported": ["AAL3_ANY", "AAL2_OR_AAL3_ANY", "AAL2_ANY"],
        "ui_locales_supported": ["en-GB", "cy"],
    }
    answer: HttpResponse = misbehaviour.at(Place.DISCOVERY, JsonResponse(document))
    return answer


@require_safe
def published_keys(request: HttpRequest) -> HttpResponse:
    """Answer the public key that ID tokens are signed with now."""
    answer: HttpResponse = misbehaviour.at(Place.KEYS, JsonResponse({"keys": [keys.current().jwk]}))
    return answer


@require_safe
def authorize(request: HttpRequest) -> HttpResponse:
    """Let the person log in where they must, then send them back to the service with a code."""
    asked = request.GET
    if asked.get("client_id") != configuration.CLIENT_ID or asked.get("redirect_uri") != configuration.REDIRECT_URI:
        return refused(request, _("The service that sent you here is not known, or wants you sent to another address."))
    fault = _fault(asked)
    if fault:
        return _sent_back(asked, error="invalid_request", error_description=fault)
    proof = proofs.of(request)
    waiting = Pending(f"{request.path}?{_without_prompt(asked).urlencode()}")
    if proof is None or not _is_enough(proof, asked=asked, waiting=waiting):
        if "none" in asked.get("prompt", "").split():
            return _sent_back(asked, error="login_required")
        return redirect(waiting.page("account_login"))
    if "prompt" in asked or "max_age" in asked:
        return redirect(waiting.address)
    proofs.keep(proof, nonce=asked["nonce"])
    answer = cast("HttpResponse", oidc.authorization(request))
    if "code=" in answer.headers.get("Location", ""):
        answer = misbehaviour.at(Place.REDIRECT, answer)
    return answer


def _fault(asked: QueryDict) -> str:
    """Return what is wrong with an authorization request, or ""."""
    if not asked.get("nonce"):
        return "nonce is missing"
    if not asked.get("code_challenge") or asked.get("code_challenge_method") != "S256":
        return "PKCE with S256 is required"
    if not (asked.get("max_age") or "0").isdigit():
        return "max_age must be a number of seconds"
    return ""


def _is_enough(proof: Proof, *, asked: QueryDict, waiting: Pending) -> bool:
    """Return whether a log-in of before is enough for this request."""
    if "login" in asked.get("prompt", "").split() or proof.method not in waiting.methods():
        return False
    longest = asked.get("max_age")
    return not longest or time.time() - proof.authenticated_at < int(longest)


def _without_prompt(asked: QueryDict) -> QueryDict:
    """Return the request as it goes on after the log-in that it asked for."""
    rest = asked.copy()
    rest.pop("prompt", None)
    rest.pop("max_age", None)
    return rest


def _sent_back(asked: QueryDict, **answer: str) -> HttpResponse:
    """Send the browser back to the service without a code."""
    state = {"state": asked["state"]} if asked.get("state") else {}
    return HttpResponseRedirect(f"{configuration.REDIRECT_URI}?{urlencode({**answer, **state})}")
