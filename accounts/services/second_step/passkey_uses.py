"""What a passkey is used for by a person who is known already: as the second step, and to prove again who they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounts import webauthn
from accounts.models.security_event import Event
from accounts.services import events
from accounts.services.second_step import passkeys

if TYPE_CHECKING:
    from accounts.models import User


def pass_second_step(*, user: User, challenge: str, credential: str) -> str:
    """Check an answer as the second step of `user`; return what the session knows the passkey by.

    `challenge` is the one that was asked, or "" where none was. Raises webauthn.Refused. Records SECOND_STEP_PASSED or
    SECOND_STEP_FAILED.
    """
    return _use(user, challenge, credential, passed=Event.SECOND_STEP_PASSED, failed=Event.SECOND_STEP_FAILED)


def prove_again(*, user: User, challenge: str, credential: str) -> str:
    """Check an answer by which `user` proves again who they are. As above; records PROVED_AGAIN or that it failed."""
    return _use(user, challenge, credential, passed=Event.PROVED_AGAIN, failed=Event.PROVING_AGAIN_FAILED)


def _use(user: User, challenge: str, credential: str, *, passed: Event, failed: Event) -> str:
    try:
        asked = webauthn.as_bytes(challenge)
        passkey = passkeys.use(assertion=webauthn.read_assertion(credential), challenge=asked, user=user)
    except webauthn.Refused:
        events.record_failure(event=failed, user_id=user.pk, reason="passkey")
        raise
    events.record(event=passed, user_id=user.pk, reason="passkey")
    return str(passkey.persistent_id)
