"""The provider's back door: what the portal asks by itself."""

from __future__ import annotations

import json
from typing import Any, cast

from allauth.idp.oidc import views as oidc
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from demo.care_identity import clients, configuration, keys, misbehaviour, tokens
from demo.care_identity.misbehaviour import Place


@csrf_exempt
@require_POST
def token(request: HttpRequest) -> HttpResponse:
    """Exchange a code for tokens, for a caller that proves to be the portal."""
    try:
        posted = clients.authenticate(request.POST, token_endpoint=configuration.ISSUER + reverse("token"))
    except clients.NotTheClient as refusal:
        return JsonResponse({"error": "invalid_client", "error_description": str(refusal)}, status=401)
    cast("Any", request).POST = posted
    answer = cast("HttpResponse", oidc.token(request))
    if answer.status_code == 200:
        answer = _with_odd_token(answer)
    odd: HttpResponse = misbehaviour.at(Place.TOKEN, answer)
    return odd


def _with_odd_token(answer: HttpResponse) -> HttpResponse:
    """Return the answer with the ID token that is asked of a misbehaving provider; a behaving one's is untouched."""
    in_claims, in_token = misbehaviour.taken(Place.CLAIMS), misbehaviour.taken(Place.ID_TOKEN)
    if not in_claims and not in_token:
        return answer
    content = json.loads(answer.content)
    claims = tokens.claims(content["id_token"])
    for do in in_claims:
        claims = do(claims)
    content["id_token"] = in_token[0](claims) if in_token else keys.current().sign(claims)
    return JsonResponse(content)


@csrf_exempt
def userinfo(request: HttpRequest) -> HttpResponse:
    """Answer what is known of the holder of an access token."""
    answer = cast("HttpResponse", oidc.user_info(request))
    odd: HttpResponse = misbehaviour.at(Place.USERINFO, answer) if answer.status_code == 200 else answer
    return odd
