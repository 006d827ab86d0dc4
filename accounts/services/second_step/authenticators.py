"""Codes of an authenticator app (TOTP, RFC 6238).

Wrong codes do not count towards the lock of the username: only a caller who knows the password gets this far. They make
the caller wait instead, twice as long after each (django-otp), which keeps an attacker far under the hundred tries that
NIST SP 800-63B-4, 3.2.2 allows. A right code works once (OWASP ASVS 6.5.1).
"""

from __future__ import annotations

import base64
import dataclasses
import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.crypto import constant_time_compare
from django_otp.util import random_hex

from accounts import sealing
from accounts.models import Authenticator, User
from accounts.models.security_event import Event
from accounts.services import events, sessions

if TYPE_CHECKING:
    from django.db.models import QuerySet

# RFC 4226, section 4, R6: the length of a hash, 160 bits.
SECRET_BYTES = 20
# What every authenticator app makes: six digits, new every 30 seconds (RFC 6238, section 5.2).
DIGITS = 6
# The typed secret is shown in groups of this many letters.
GROUP = 4


class WrongCode(Exception):
    """The code is not the one that the app shows now, or it has been used."""


class TooManyWrongCodes(Exception):
    """No code is looked at before `until`."""

    def __init__(self, until: datetime.datetime) -> None:
        super().__init__()
        self.until = until


class AlreadySetUp(Exception):
    """There is a second step, and it is not replaced."""


class NotSetUp(Exception):
    """There is no second step to pass."""


class PasswordChanged(Exception):
    """The password is no longer the one that this log-in began with."""


@dataclasses.dataclass(frozen=True, slots=True)
class Invitation:
    """What an authenticator app takes: an otpauth:// address (drawn as a QR code), or the same secret typed by hand."""

    address: str
    typed: str


def new_secret() -> str:
    """Return a fresh secret, in hexadecimal, to offer to one person in one log-in."""
    return str(random_hex(SECRET_BYTES))


def invitation(*, user: User, secret: str) -> Invitation:
    """Return `secret` in the two forms that `user`'s app can take it in."""
    typed = base64.b32encode(bytes.fromhex(secret)).decode("ascii")
    return Invitation(
        address=str(Authenticator(user=user, key=secret).config_url),
        typed=" ".join(typed[i : i + GROUP] for i in range(0, len(typed), GROUP)),
    )


def set_up(*, user: User, secret: str, code: str) -> str:
    """Keep `secret` as the second step of `user`, whose app made `code` from it; return what the session knows it by.

    The code counts as used. Raises WrongCode, AlreadySetUp, or PasswordChanged where the password is no longer that of
    `user` as the caller read it. Records SECOND_STEP_ENROLLED or SECOND_STEP_FAILED.
    """
    try:
        with transaction.atomic():
            # With the lock, of two set-ups at the same time the second finds what the first stored.
            now = User.objects.select_for_update().get(pk=user.pk)
            if not constant_time_compare(now.password, user.password):
                raise PasswordChanged
            if _confirmed(now).exists():
                raise AlreadySetUp
            # A secret that was looked at and never confirmed, or of a time before, is worth nothing.
            Authenticator.objects.filter(user=now).delete()
            sealed = sealing.seal(bytes.fromhex(secret), of=Authenticator.sealed_for(now.pk))
            new = Authenticator.objects.create(user=now, key=sealed, name="Authenticator app", confirmed=True)
            if not new.verify_token(code):
                raise WrongCode
            events.record(event=Event.SECOND_STEP_ENROLLED, user_id=now.pk)
    except WrongCode:
        events.record(event=Event.SECOND_STEP_FAILED, user_id=user.pk, reason="wrong_code_at_set_up")
        raise
    return str(new.persistent_id)


def check(*, user: User, code: str) -> str:
    """Check a code of `user`'s app; return what the session knows the second step by.

    Of one code that is posted many times at once, one passes. Raises WrongCode, TooManyWrongCodes or NotSetUp. Records
    SECOND_STEP_PASSED or SECOND_STEP_FAILED.
    """
    with transaction.atomic():
        authenticator = _confirmed(user).select_for_update().first()
        if authenticator is None:
            raise NotSetUp
        until = _closed_until(authenticator)
        passed = until is None and bool(authenticator.verify_token(code))
        if passed:
            events.record(event=Event.SECOND_STEP_PASSED, user_id=user.pk)
        else:
            reason = "too_many_wrong_codes" if until else "wrong_code"
            events.record(event=Event.SECOND_STEP_FAILED, user_id=user.pk, reason=reason)
    # Raised outside: the count of wrong codes must stay.
    if until:
        raise TooManyWrongCodes(until)
    if not passed:
        raise WrongCode
    return str(authenticator.persistent_id)


def remove(*, user: User, by: User | None) -> bool:
    """Take away the second step of `user`, who has lost the phone and has proved who they are; end their sessions.

    `by` is the person who takes it away, or None at the command line. The next log-in sets up another. Returns
    whether there was one; SECOND_STEP_REMOVED is recorded only then.
    """
    with transaction.atomic():
        removed, _ = Authenticator.objects.filter(user=user).delete()
        if removed:
            sessions.end_all(user=user)
            events.record(event=Event.SECOND_STEP_REMOVED, user_id=user.pk, by=by)
    return removed > 0


def _confirmed(user: User) -> QuerySet[Authenticator]:
    return Authenticator.objects.confirmed(user.pk)


def _closed_until(authenticator: Authenticator) -> datetime.datetime | None:
    allowed, details = authenticator.verify_is_allowed()
    return None if allowed else details["locked_until"]
