"""The app on a phone that makes codes."""

from __future__ import annotations

import base64
import time
from typing import TYPE_CHECKING

from django_otp.oath import hotp, totp

from accounts import proof
from accounts.models import Authenticator, User
from accounts.services import sessions

if TYPE_CHECKING:
    from django.test import Client

    from tests.support.travel import Travel


def _half_minute() -> int:
    """Return which half minute since 1970 it is: the counter of a code (RFC 6238, 4)."""
    return int(time.time()) // 30


class PhoneApp:
    """An authenticator app with one secret in it (in hexadecimal)."""

    def __init__(self, secret: str) -> None:
        self._key = bytes.fromhex(secret)
        # The half minute whose code was read last.
        self._read: int | None = None

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
        self._read = _half_minute()
        return f"{hotp(self._key, self._read):06}"

    def next_code(self) -> str:
        """Return the code after the one that was read last: it passes already, also when that one is used up.

        A half minute may have ended since. Then the portal takes the app's clock for a slow one, as it should, and the
        code after the one of now for one that is too early.
        """
        now = _half_minute()
        latest = self._read if self._read == now - 1 else now
        return f"{hotp(self._key, latest + 1):06}"

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
