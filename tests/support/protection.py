"""What protects an account, as tests give it to a person: passkeys, recovery codes, other browsers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django_otp_webauthn.models import WebAuthnCredential as Passkey

from accounts import sealing
from accounts.models import RecoveryCodes
from tests.support.steps import PortalClient, log_in

if TYPE_CHECKING:
    from accounts.models import User

IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Version/18.1 Safari/604.1"


def add_passkey(user: User, **facts: Any) -> Passkey:
    """Give a person a passkey, which no authenticator has."""
    number = Passkey.objects.count()
    facts = {"name": "iPhone", "backup_state": True, "confirmed": True, **facts}
    passkey: Passkey = Passkey.objects.create(user=user, credential_id=bytes([number]) * 16, public_key=b"x", **facts)
    return passkey


def add_codes(user: User, *, left: int = 10) -> RecoveryCodes:
    """Give a person recovery codes, of which so many are left."""
    sealed = [sealing.seal(b"7kqm9x2vhd", of=RecoveryCodes.sealed_for(user.pk))] * left
    codes: RecoveryCodes = RecoveryCodes.objects.create(user=user, sealed=sealed, name="Recovery codes")
    return codes


def browser_of(user: User, *, user_agent: str = IPHONE) -> PortalClient:
    """Return another browser in which `user` is logged in."""
    client = PortalClient()
    client.defaults |= {"HTTP_USER_AGENT": user_agent}
    log_in(client, user)
    return client
