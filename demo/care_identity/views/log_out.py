"""Logging out of the stand-in, by its own page or because the portal asks for it."""

from __future__ import annotations

import dataclasses
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from demo.care_identity import back_channel, configuration, keys, proofs, tokens
from demo.care_identity.forms import LogOutForm
from demo.care_identity.models import Holder
from demo.care_identity.proofs import Proof


@require_http_methods(["GET", "HEAD", "POST"])
def log_out(request: HttpRequest) -> HttpResponse:
    """Ask where to log out, do it, and tell the portal."""
    proof = proofs.of(request)
    if proof is None:
        return _logged_out(request)
    form = LogOutForm(request.POST or None)
    if not form.is_valid():
        return render(request, "stand_in/log_out.html", {"form": form})
    _end(request, proof, everywhere=form.cleaned_data["where"] == "everywhere")
    return _logged_out(request)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def end_session(request: HttpRequest) -> HttpResponse:
    """Log the person out because a service asks for it (OpenID Connect RP-Initiated Logout 1.0).

    A request without an ID token of this very session might be another site's link: then the person is asked.
    """
    asked = request.POST if request.method == "POST" else request.GET
    proof = proofs.of(request)
    hint = _claims(asked.get("id_token_hint", ""))
    if proof is not None:
        if hint.get("sid") != proof.session:
            return render(request, "stand_in/log_out.html", {"form": LogOutForm()})
        _end(request, proof, everywhere=False)
    after = asked.get("post_logout_redirect_uri", "")
    if not hint or not _is_ours(after):
        return _logged_out(request)
    state = f"?{urlencode({'state': asked['state']})}" if asked.get("state") else ""
    return HttpResponseRedirect(after + state)


def _end(request: HttpRequest, proof: Proof, *, everywhere: bool) -> None:
    """End this session, or all of the person's, and tell the portal which."""
    logout(request)
    if everywhere:
        holder = Holder.objects.get(uid=proof.uid)
        # Sessions hold a hash of this; with another one they are over.
        holder.set_unusable_password()
        holder.save(update_fields=["password"])
        proof = dataclasses.replace(proof, session="")
    back_channel.tell(subject=proof.uid, session=proof.session)


def _logged_out(request: HttpRequest) -> HttpResponse:
    return render(request, "stand_in/logged_out.html", {"portal": configuration.PORTAL})


def _claims(hint: str) -> dict[str, Any]:
    """Return the claims of an ID token that we once issued to the portal, however old; else nothing."""
    try:
        claims = tokens.claims(hint)
    except ValueError:
        return {}
    is_ours = keys.signed_by_us(hint) and claims.get("aud") == configuration.CLIENT_ID and "nonce" in claims
    return claims if is_ours else {}


def _is_ours(address: str) -> bool:
    """Return whether an address is one of the portal's."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}" == configuration.PORTAL
