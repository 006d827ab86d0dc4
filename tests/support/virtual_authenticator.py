"""An authenticator inside Chromium (DevTools protocol, WebAuthn domain), which checks its person by itself."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.support.passkeys import SoftwareAuthenticator

_KIND = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


class VirtualAuthenticator:
    """The authenticator of the computer that a page of the portal is open on. It stays for the pages after it."""

    def __init__(self, page: Page) -> None:
        self._session = page.context.new_cdp_session(page)
        self._session.send("WebAuthn.enable", {"enableUI": False})
        self._id = self._session.send("WebAuthn.addVirtualAuthenticator", {"options": _KIND})["authenticatorId"]

    @property
    def passkeys(self) -> list[dict[str, Any]]:
        """What it holds."""
        held: list[dict[str, Any]] = self._session.send("WebAuthn.getCredentials", {"authenticatorId": self._id})[
            "credentials"
        ]
        return held

    def put_away(self) -> list[dict[str, Any]]:
        """Hold nothing, as a new phone; return what was held, for `take_back`.

        A page that is opened without a passkey suggests none, and so does not log in before a button is pressed.
        """
        held = self.passkeys
        self._session.send("WebAuthn.clearCredentials", {"authenticatorId": self._id})
        return held

    def take_back(self, held: list[dict[str, Any]]) -> None:
        """Hold again what was put away."""
        for credential in held:
            self._session.send("WebAuthn.addCredential", {"authenticatorId": self._id, "credential": credential})

    def hold(self, authenticator: SoftwareAuthenticator) -> None:
        """Hold the passkey that a software authenticator made, so that no page is needed to make it."""
        credential = {
            "credentialId": base64.b64encode(authenticator.credential_id).decode(),
            "isResidentCredential": True,
            "rpId": authenticator.rp_id,
            "privateKey": base64.b64encode(authenticator.private_key()).decode(),
            "userHandle": base64.b64encode(authenticator.user_handle or b"").decode(),
            "signCount": 0,
            "backupEligibility": True,
            "backupState": True,
        }
        self.take_back([credential])

    def leave(self) -> None:
        """Take it out of the browser."""
        self._session.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": self._id})
        self._session.detach()
