"""A software authenticator, for tests without a browser: it makes passkeys and answers challenges with them.

Each of its knobs is something that an attacker, or a broken authenticator, may do otherwise.
"""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
import re
import secrets
from typing import TYPE_CHECKING, Any

import cbor2
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.urls import reverse
from django_otp_webauthn.models import WebAuthnCredential as Passkey

from accounts.services.second_step import passkeys

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer

    from accounts.models import User
    from tests.support.steps import PortalClient

# Those of tests/environment.py.
RP_ID = "esr.example.nhs.uk"
ORIGIN = f"https://{RP_ID}"
ICLOUD_KEYCHAIN = "fbfc3007-154e-4ecc-8c0b-6e020557d7bd"

UP, UV, BE, BS, AT = 0x01, 0x04, 0x08, 0x10, 0x40


def encoded(raw: bytes) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """Return the bytes that `encoded` made `text` of."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclasses.dataclass
class SoftwareAuthenticator:
    """Holds one passkey, once it was made. `counter` goes up by `step` at each use; 0 does not count."""

    aaguid: str = ICLOUD_KEYCHAIN
    origin: str = ORIGIN
    rp_id: str = RP_ID
    flags: int = UP | UV | BE | BS
    counter: int = 0
    step: int = 0
    credential_id: bytes = dataclasses.field(default_factory=lambda: secrets.token_bytes(20))
    key: ec.EllipticCurvePrivateKey = dataclasses.field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    user_handle: bytes | None = None

    def make(self, options: dict[str, Any], **changed: Any) -> str:
        """Return what a browser sends once a passkey is made as `options` say. `changed` are parts of the answer."""
        if self.user_handle is None:
            self.user_handle = decoded(options["user"]["id"])
        attested = bytes.fromhex(self.aaguid.replace("-", ""))
        attested += len(self.credential_id).to_bytes(2, "big") + self.credential_id + self._public_key()
        data = {"fmt": "none", "attStmt": {}, "authData": self._data(AT) + attested, **changed.pop("attestation", {})}
        answer = {
            "clientDataJSON": encoded(self._client_data("webauthn.create", options["challenge"])),
            "attestationObject": encoded(cbor2.dumps(data)),
            "transports": ["internal", "hybrid"],
        }
        return self._sent({**answer, **changed})

    def use(self, options: dict[str, Any], **changed: Any) -> str:
        """Return what a browser sends once the passkey is used as `options` say. `changed` are parts of the answer."""
        self.counter += self.step
        data, client_data = self._data(0), self._client_data("webauthn.get", options["challenge"])
        signature = self.key.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(hashes.SHA256()))
        answer = {
            "clientDataJSON": encoded(client_data),
            "authenticatorData": encoded(data),
            "signature": encoded(signature),
            "userHandle": encoded(self.user_handle) if self.user_handle else None,
        }
        return self._sent({**answer, **changed})

    def private_key(self) -> bytes:
        """Return the key as PKCS #8 has it (DER), for another authenticator to hold."""
        encoding, form = serialization.Encoding.DER, serialization.PrivateFormat.PKCS8
        return self.key.private_bytes(encoding, form, serialization.NoEncryption())

    def _data(self, more: int) -> bytes:
        rp = hashlib.sha256(self.rp_id.encode()).digest()
        return rp + bytes([self.flags | more]) + self.counter.to_bytes(4, "big")

    def _client_data(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _public_key(self) -> bytes:
        point = self.key.public_key().public_numbers()
        x, y = point.x.to_bytes(32, "big"), point.y.to_bytes(32, "big")
        return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})

    def _sent(self, answer: dict[str, Any]) -> str:
        identifier = encoded(self.credential_id)
        return json.dumps(
            {
                "id": identifier,
                "rawId": identifier,
                "type": "public-key",
                "response": answer,
                "clientExtensionResults": {"credProps": {"rk": True}},
            }
        )


def registered(user: User, **knobs: Any) -> tuple[SoftwareAuthenticator, Passkey]:
    """Return an authenticator with a passkey of `user` in it, and its row. Tells no person and records an event."""
    authenticator = SoftwareAuthenticator(**knobs)
    begun = passkeys.begin_adding(user=user)
    return authenticator, passkeys.add(
        user=user, challenge=begun.challenge, credential=authenticator.make(begun.options)
    )


def log_in_with(
    client: PortalClient, authenticator: SoftwareAuthenticator, *, fields: dict[str, str] | None = None, **changed: Any
) -> Answer:
    """Log in with a passkey alone, as the script of the log-in page does; return the answer to the form."""
    options = client.post(reverse("passkey_log_in_begin")).json()
    sent = {"credential": authenticator.use(options, **changed), **(fields or {})}
    return client.post(reverse("passkey_log_in_complete"), sent)


def about_of(page: str) -> str:
    """Return what the form of a passkey on a page is about."""
    form = re.search(r"<form[^>]*data-passkey=.*?</form>", page, re.DOTALL)
    found = re.search(r'name="about" value="([0-9a-f]{64})"', form[0] if form else "")
    assert found, "no form of a passkey on this page"
    return found[1]
