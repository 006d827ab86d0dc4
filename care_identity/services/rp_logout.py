"""Leaving Care Identity after leaving the portal: the person is offered to log out there too.

Source: OpenID Connect RP-Initiated Logout 1.0 (2).
"""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.urls import reverse

from care_identity.services import provider
from care_identity.services.refusals import Page, Refused


def hint(*, id_token: str) -> str:
    """Return what a session keeps of an ID token for logging out there: it, or "" where that cannot be done."""
    try:
        return id_token if provider.metadata().end_session_endpoint else ""
    except Refused:
        return ""


def end_session_address(*, id_token: str) -> str:
    """Return the address at which Care Identity ends the session that `id_token` was given in.

    It sends the browser back to our own page about log-out, the same for every person, so no `state` is sent.
    Raises Refused where Care Identity publishes no such address, or does not answer.
    """
    endpoint = provider.metadata().end_session_endpoint
    if not endpoint:
        raise Refused(Page.UNAVAILABLE, "no_end_session_endpoint")
    query = {
        "id_token_hint": id_token,
        "client_id": settings.CARE_IDENTITY_CLIENT_ID,
        "post_logout_redirect_uri": settings.BASE_URL + reverse("log_out"),
    }
    return f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}{urlencode(query)}"
