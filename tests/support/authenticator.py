"""The app on a phone that makes codes."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from django_otp.oath import totp

from accounts import proof
from accounts.models import Authenticator, User
from accounts.services import sessions

if TYPE_CHECKING:
    from django.test import Client

    from tests.support.travel import Travel


class PhoneApp:
    """An authenticator app with one secret in it (in hexadecimal)."""

    def __init__(self, secret: str) -> None:
        self._key = bytes.fromhex(secret)

    @classmethod
    def of(cls, user: User) -> PhoneApp:
        """Return the app of a person, whose second step is set up where there is none."""
        device, _ = Authenticator.objects.get_or_create(user=user, confirmed=True, defaults={"name": "test"})
        return cls(device.bin_key.hex())

    @classmethod
    def typed(cls, secret: str) -> PhoneApp:
        """Return an app that was given the secret which the page shows."""
        return cls(base64.b32decode(secret.replace(" ", "")).hex())

    def code(self) -> str:
        """Return the code that the app shows now."""
        return f"{totp(self._key):06}"

    def next_code(self) -> str:
        """Return the code that the app will show next: it passes already, also when the one of now is used up."""
        return f"{totp(self._key, t0=-30):06}"

    def code_after(self, travel: Travel) -> str:
        """Let half a minute pass; return the code that the app shows then, in place of one that was used up.

        For journeys: a code of theirs may have come when the app showed the next one already. Then the portal takes the
        app's clock for a slow one, as it should, and `next_code` for one that is too early.
        """
        travel(seconds=30)
        return self.code()

    def wrong_code(self) -> str:
        """Return a code that does not pass now, whatever the clock does next."""
        near = {totp(self._key, t0=30 * offset) for offset in range(-4, 5)}
        return next(f"{code:06}" for code in range(100000, 100020) if code not in near)


def show_second_step(client: Client) -> None:
    """Make the session of a browser that is logged in one in which its person has shown their second step too."""
    session = client.session
    sessions.note_second_step(session=session, by=proof.AS_SECOND_STEP)
    session.save()
