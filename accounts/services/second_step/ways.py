"""The ways in which a person can show a second step, as they are registered."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from django.db.models import Exists, F
from django_otp.models import Device
from django_otp_webauthn.models import WebAuthnCredential as Passkey

from accounts import prepared
from accounts.models import Authenticator, RecoveryCodes, User
from accounts.services import care_identities

if TYPE_CHECKING:
    from django.db.models import QuerySet

# A person with fewer can be shut out by one lost phone.
ENOUGH = 2


@dataclasses.dataclass(frozen=True, slots=True)
class Ways:
    """What a person has registered. A Care Identity is among it where each log-in with it counts as both steps."""

    passkeys: int
    authenticator: bool
    recovery_codes: int
    care_identity: bool
    # Passkeys whose counter went back: they open nothing, and protect still.
    refused_passkeys: int = 0

    @property
    def is_set_up(self) -> bool:
        """Whether there is a second step to ask for: recovery codes alone are none, and a Care Identity is its own."""
        return self.passkeys > 0 or self.authenticator or self.refused_passkeys > 0

    @property
    def are_enough(self) -> bool:
        """Whether the loss of one of them still leaves another."""
        return self.passkeys + self.authenticator + (self.recovery_codes > 0) + self.care_identity >= ENOUGH


def of(*, user: User) -> Ways:
    """Return what `user` has registered."""
    codes = RecoveryCodes.objects.filter(user=user, confirmed=True).values_list("sealed", flat=True).first()
    return Ways(
        passkeys=passkeys_of(user).count(),
        authenticator=Authenticator.objects.confirmed(user.pk).exists(),
        recovery_codes=len(codes or []),
        care_identity=care_identities.count_as_both_steps(user=user),
        refused_passkeys=Passkey.objects.filter(user=user, confirmed=False).count(),
    )


_HAS = prepared.Select(
    lambda pk: User.objects.filter(pk=pk).values_list(
        Exists(Passkey.objects.filter(user=pk)), Exists(Authenticator.objects.confirmed(pk))
    ),
    pk=int,
)


def is_set_up(*, user: User) -> bool:
    """Return whether there is a second step to ask `user` for, in one query.

    A passkey counts while passkeys are switched off too, and after its counter went back: what the person set up
    protects them still.
    """
    has = _HAS.first(pk=user.pk)
    return has is not None and any(has)


def are_passkeys_alone(*, user: User) -> bool:
    """Return whether `user` has set up passkeys and no app, in one query."""
    has = _HAS.first(pk=user.pk)
    return has is not None and has[0] and not has[1]


def is_there(*, user: User, device: str) -> bool:
    """Return whether the way that a session or a log-in knows by `device` is still one of `user`, and not stopped."""
    found = Device.from_persistent_id(device)
    return found is not None and found.user_id == user.pk and bool(found.confirmed)


def hold(*, user: User, device: str) -> bool:
    """Return what `is_there` does, and lock the row in the caller's transaction.

    A request that is taking it away at this moment is waited for.
    """
    found = Device.from_persistent_id(device)
    if found is None:
        return False
    rows = type(found).objects.select_for_update().filter(pk=found.pk, user=user, confirmed=True)
    return bool(rows.values_list("pk", flat=True))


def passkeys_of(user: User) -> QuerySet[Passkey]:
    """Return the passkeys of `user` that may be used, the one used last first: browsers suggest them in this order."""
    usable = Passkey.objects.filter(user=user, confirmed=True)
    return usable.order_by(F("last_used_at").desc(nulls_last=True), "-pk")
