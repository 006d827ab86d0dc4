"""Logging in with my Care Identity through the portal's pages: the button, the way there and back."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.contrib.auth import SESSION_KEY

from accounts.browser import about
from accounts.models import User
from demo.care_identity.cards import PASSCODE

if TYPE_CHECKING:
    from django.test import Client
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer

    from tests.support.openid_provider import OpenIDProvider
    from tests.support.stand_in import StandIn

START = "/care-identity/log-in/"
AGAIN = "/care-identity/again/"
CALLBACK = "/care-identity/callback/"
CHOOSE = "/care-identity/choose/"
REFUSED = "/care-identity/refused/"


def press(client: Client, *, path: str = START, **fields: str) -> str:
    """Press the button; return the address of Care Identity's that the page leads to."""
    logged_in = client.session.get(SESSION_KEY)
    shown = {about.FIELD: about.person(User(pk=int(logged_in)))} if path == AGAIN and logged_in else {}
    return address_in(client.post(path, {**shown, **fields}))


def address_in(going: Answer) -> str:
    """Return the address that the page "Taking you to Care Identity" leads to, by itself and by its button."""
    assert going.status_code == 200, going.headers.get("Location")
    found = re.fullmatch("0; url=(.+)", going.headers["Refresh"])
    assert found
    assert html.escape(found[1]) in going.text
    return found[1]


def bring_back(client: Client, parameters: Mapping[str, str]) -> Answer:
    """Come back to the portal with what Care Identity gave the browser."""
    return client.get(f"{CALLBACK}?{urlencode(parameters)}")


def come_by(client: Client, provider: OpenIDProvider, *, path: str = START, **fields: str) -> Answer:
    """Press the button, log in at a provider of the tests' own, and come back; return the portal's answer."""
    return bring_back(client, provider.visit(press(client, path=path, **fields)))


def show_card(care_identity: StandIn, address: str, *, uid: str, method: str = "smartcard") -> dict[str, str]:
    """Log in at the stand-in, at the address that the portal leads to; return what it gives the browser."""
    browser = care_identity.browser()
    page: Any = browser.send(browser.open(address), method=method)
    landed = browser.send(page, card=uid, passcode=PASSCODE)
    assert landed.address.startswith(f"{care_identity.portal}{CALLBACK}"), landed.text
    return landed.parameters
