"""A person who is logged in proves again who they are, before what protects their account is changed.

Source: OWASP ASVS 5.0, 7.5.1 and 7.5.3. How long a proof lasts is sessions.PROOF_LASTS. A passkey proves it in
services/second_step, and Care Identity by logging in once more. Without a password, a passkey or a Care Identity there
is no proof.

Where a second step is set up, it has to have been shown in this session too (NIST SP 800-63B-4, 4.1.2): a password
alone opens a session inside a network that is exempt, or in a browser that is remembered, and must not put a way that
works everywhere beside those of the owner.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from accounts import proof
from accounts.models.security_event import Event
from accounts.services import care_identities, events, password_change, second_step, sessions
from accounts.services.second_step import passkeys

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping

    from accounts.models import User


@dataclasses.dataclass(frozen=True, slots=True)
class Ways:
    """By what a person can prove who they are: a code in place of the password, where a second step is to be shown."""

    passkey: bool
    password: bool
    code: bool
    care_identity: bool
    # Whether the second step of the person has not been shown in this session, and has to be.
    needs_second_step: bool = False

    @property
    def is_any(self) -> bool:
        """Whether there is one."""
        return self.passkey or self.password or self.code or self.care_identity


def is_lately(*, user: User, session: Mapping[str, Any]) -> bool:
    """Return whether `user` may change what protects their account in this session now."""
    return sessions.is_proved_lately(session=session) and not needs_second_step(user=user, session=session)


def needs_second_step(*, user: User, session: Mapping[str, Any]) -> bool:
    """Return whether `user` has a second step, and has shown none in this session that is still theirs."""
    return not has_shown_one(user=user, session=session) and second_step.is_set_up(user=user)


def has_shown_one(*, user: User, session: Mapping[str, Any]) -> bool:
    """Return whether `user` has shown a second step in this session: one that they have removed since is none."""
    by = sessions.second_step_shown(session=session)
    return by == proof.AS_SECOND_STEP or (bool(by) and second_step.is_there(user=user, device=by))


def note_set_up(*, user: User, session: MutableMapping[str, Any], device: str) -> None:
    """Note that `user` has just set up the way `device` in this session, which shows it, where no other was shown."""
    if not has_shown_one(user=user, session=session):
        sessions.note_second_step(session=session, by=device)


def ways(*, user: User, session: Mapping[str, Any], care_identity_is_offered: bool) -> Ways:
    """Return by what `user` can prove who they are, where the portal is connected to Care Identity or is not.

    At which level Care Identity would prove it is known only of a session that began so.
    """
    to_be_shown = needs_second_step(user=user, session=session)
    has = second_step.ways_of(user=user)
    linked = care_identities.of(user=user) is not None
    return Ways(
        passkey=passkeys.are_on() and has.passkeys > 0,
        # A frozen one proves nothing, as it lets nobody in.
        password=user.has_usable_password() and not user.password_is_frozen() and not to_be_shown,
        code=to_be_shown and (has.authenticator or has.recovery_codes > 0),
        care_identity=care_identity_is_offered and linked and not (to_be_shown and _proved_less(session)),
        needs_second_step=to_be_shown,
    )


def _proved_less(session: Mapping[str, Any]) -> bool:
    """Return whether Care Identity counted as one step when this session began: once more would prove no more."""
    proved = proof.of_session(session=session)
    return proved is not None and not proved.counts_as_both_steps


def by_password(*, user: User, password: str, browser: str) -> None:
    """Check the password of `user`, who is logged in. Records PROVED_AGAIN or PROVING_AGAIN_FAILED.

    A wrong one counts as a wrong log-in from `browser` (browser/device_cookies.py). Raises
    password_change.CurrentPasswordRefused.
    """
    password_change.check_current(user=user, password=password, browser=browser, failure=Event.PROVING_AGAIN_FAILED)
    events.record(event=Event.PROVED_AGAIN, user_id=user.pk, reason="password")


def note_code(*, user: User) -> None:
    """Record that `user` has proved who they are by a code that was right. Records PROVED_AGAIN."""
    events.record(event=Event.PROVED_AGAIN, user_id=user.pk, reason="code")
