"""What a log-in with Care Identity proves, kept in the session that it led to.

Care Identity says how sure it is (authentication assurance level, 1 to 3) and how it knows (`amr`, `acr`: smartcard,
security key, app). Level 3 counts as both steps (NHS England MFA policy, 2023).
"""

from __future__ import annotations

import dataclasses
import datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils import timezone

if TYPE_CHECKING:
    from collections.abc import Mapping

# Where a session keeps its proof.
KEY = "care_identity"
BOTH_STEPS_LEVEL = 3
# What a session knows it by where it counted as both steps.
AS_SECOND_STEP = "care_identity"
# How long a proof is good enough for what matters most: Manage Internet Access, and a new password without the old.
FRESH_FOR = datetime.timedelta(minutes=15)
# Seconds that Care Identity's clock may be ahead of ours.
CLOCKS_APART = 60


@dataclasses.dataclass(frozen=True, slots=True)
class Proof:
    """What Care Identity said of one log-in. `authenticated_at` is in seconds since 1970, by Care Identity's clock.

    `session` is what Care Identity knows this log-in by (`sid`), or "".
    """

    uid: str
    level: int
    methods: tuple[str, ...]
    authenticated_at: int
    session: str = ""

    @property
    def counts_as_both_steps(self) -> bool:
        """Whether no code is asked for after it."""
        return self.level >= BOTH_STEPS_LEVEL

    @property
    def is_smartcard(self) -> bool:
        """Whether it was given with a smartcard, or what the operator counts as one."""
        return self.counts_as_both_steps and not set(self.methods).isdisjoint(settings.CARE_IDENTITY_SMARTCARD_METHODS)

    @property
    def is_fresh(self) -> bool:
        """Whether it was given within FRESH_FOR."""
        age = timezone.now().timestamp() - self.authenticated_at
        return -CLOCKS_APART <= age <= FRESH_FOR.total_seconds()

    def as_dict(self) -> dict[str, Any]:
        """Return what a session can hold."""
        return {**dataclasses.asdict(self), "methods": list(self.methods)}


def from_dict(kept: Mapping[str, Any]) -> Proof:
    """Return the proof that `as_dict` made this of."""
    return Proof(**{**kept, "methods": tuple(kept["methods"])})


def of_session(*, session: Mapping[str, Any]) -> Proof | None:
    """Return the proof of a session that began with Care Identity, or None."""
    kept = session.get(KEY)
    return from_dict(kept) if kept else None
