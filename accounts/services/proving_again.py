"""A person who is logged in proves again who they are, before what protects their account is changed.

Source: OWASP ASVS 5.0, 7.5.1 and 7.5.3. How long a proof lasts is sessions.PROOF_LASTS. A passkey proves it in
services/second_step, and Care Identity by logging in once more. Without a password, a passkey or a Care Identity there
is no proof.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from accounts.models.security_event import Event
from accounts.services import care_identities, events, password_change
from accounts.services.second_step import passkeys
from accounts.services.second_step.ways import passkeys_of

if TYPE_CHECKING:
    from accounts.models import User


@dataclasses.dataclass(frozen=True, slots=True)
class Ways:
    """By what a person can prove who they are."""

    passkey: bool
    password: bool
    care_identity: bool

    @property
    def is_any(self) -> bool:
        """Whether there is one."""
        return self.passkey or self.password or self.care_identity


def ways(*, user: User, care_identity_is_offered: bool) -> Ways:
    """Return by what `user` can prove who they are, where the portal is connected to Care Identity or is not."""
    return Ways(
        passkey=passkeys.are_on() and passkeys_of(user).exists(),
        password=user.has_usable_password(),
        care_identity=care_identity_is_offered and care_identities.of(user=user) is not None,
    )


def by_password(*, user: User, password: str, browser: str) -> None:
    """Check the password of `user`, who is logged in. Records PROVED_AGAIN or PROVING_AGAIN_FAILED.

    A wrong one counts as a wrong log-in from `browser` (browser/device_cookies.py). Raises
    password_change.CurrentPasswordRefused.
    """
    password_change.check_current(user=user, password=password, browser=browser, failure=Event.PROVING_AGAIN_FAILED)
    events.record(event=Event.PROVED_AGAIN, user_id=user.pk, reason="password")
