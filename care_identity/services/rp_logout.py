"""Leaving Care Identity after leaving the portal: the person is offered to log out there too.

Source: OpenID Connect RP-Initiated Logout 1.0 (2).
"""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.urls import reverse

from accounts import sealing
from care_identity import languages
from care_identity.services import provider
from care_identity.services.refusals import Page, Refused

# What the token is sealed for.
_OF = "rp_logout.id_token"


def hint(*, id_token: str) -> str:
    """Return what a session keeps of an ID token for logging out there, or "" where that cannot be done.

    It is sealed: what Care Identity has signed of a person is in no copy of the database (accounts/sealing.py).
    """
    try:
        return sealing.seal(id_token.encode(), of=_OF) if provider.metadata().end_session_endpoint else ""
    except Refused:
        return ""


def end_session_address(*, kept: str) -> str:
    """Return the address at which Care Identity ends the session whose ID token was `kept` (see `hint`).

    It sends the browser back to our own page about log-out, the same for every person, so no `state` is sent.
    Raises Refused where Care Identity publishes no such address, or does not answer, and where the key of the token is
    no longer there.
    """
    endpoint = provider.metadata().end_session_endpoint
    if not endpoint:
        raise Refused(Page.UNAVAILABLE, "no_end_session_endpoint")
    query = {
        "id_token_hint": _opened(kept),
        "client_id": settings.CARE_IDENTITY_CLIENT_ID,
        "post_logout_redirect_uri": settings.BASE_URL + reverse("log_out"),
        **languages.asked_for(),
    }
    return f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}{urlencode(query)}"


def _opened(kept: str) -> str:
    # A session that began with the version before has it as it is.
    if not sealing.is_sealed(kept):
        return kept
    try:
        return sealing.unseal(kept, of=_OF).decode()
    except sealing.CannotOpen:
        raise Refused(Page.UNAVAILABLE, "id_token_cannot_be_opened") from None
