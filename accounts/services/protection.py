"""What protects a person's account, as the security page lists it."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from accounts.models import Authenticator, RecoveryCodes
from accounts.services import care_identities, second_step
from accounts.services.second_step import passkeys, recovery_codes, remembered_browsers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django_otp_webauthn.models import WebAuthnCredential as Passkey

    from accounts.models import CareIdentity, RememberedBrowser, User
    from accounts.services.second_step import Ways

ALL_CODES = recovery_codes.HOW_MANY


@dataclasses.dataclass(frozen=True, slots=True)
class Protection:
    """What there is, and what can be added.

    `may_add` is whether a second step is offered to the person; `passkeys_are_on` whether passkeys can be made and used
    now. A passkey that is not `confirmed` was refused: there may be a copy of it. `care_identity_counts` is whether a
    log-in with the Care Identity counts as both steps.
    """

    passkeys: Sequence[Passkey]
    authenticator: Authenticator | None
    recovery_codes: RecoveryCodes | None
    care_identity: CareIdentity | None
    care_identity_counts: bool
    remembered: Sequence[RememberedBrowser]
    may_add: bool
    passkeys_are_on: bool

    @property
    def codes_left(self) -> int:
        """How many recovery codes are left."""
        return len(self.recovery_codes.sealed) if self.recovery_codes else 0

    @property
    def codes_are_few(self) -> bool:
        """Whether it is time to make new recovery codes."""
        return self.recovery_codes is not None and self.codes_left <= recovery_codes.FEW

    @property
    def ways(self) -> Ways:
        """The same in numbers."""
        return second_step.Ways(
            passkeys=sum(passkey.confirmed for passkey in self.passkeys),
            refused_passkeys=sum(not passkey.confirmed for passkey in self.passkeys),
            authenticator=self.authenticator is not None,
            recovery_codes=self.codes_left,
            care_identity=self.care_identity_counts,
        )

    @property
    def lacks_another(self) -> bool:
        """Whether there is a second step, and the loss of it would leave none."""
        return self.may_add and self.ways.is_set_up and not self.ways.are_enough


def of(*, user: User) -> Protection:
    """Return what protects the account of `user`."""
    return Protection(
        passkeys=list(passkeys.theirs(user=user)),
        authenticator=Authenticator.objects.confirmed(user.pk).first(),
        recovery_codes=RecoveryCodes.objects.filter(user=user, confirmed=True).first(),
        care_identity=care_identities.of(user=user),
        care_identity_counts=care_identities.count_as_both_steps(user=user),
        remembered=remembered_browsers.of(user=user),
        may_add=second_step.is_offered(user=user),
        passkeys_are_on=passkeys.are_on(),
    )
