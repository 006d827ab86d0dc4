"""Codes of an authenticator app (TOTP, RFC 6238).

A right code works once (OWASP ASVS 6.5.1). What follows wrong ones is wrong_codes.py's.
"""

from __future__ import annotations

import base64
import dataclasses
import logging
from typing import TYPE_CHECKING

from django.db import transaction
from django_otp.util import random_hex

from accounts import sealing
from accounts.models import Authenticator, User
from accounts.models.outbox import Kind
from accounts.models.security_event import Event
from accounts.services import events, outbox, sessions
from accounts.services.second_step import policy, records, recovery_codes, ways, wrong_clock, wrong_codes
from accounts.services.second_step.wrong_codes import CannotBeChecked, Code

if TYPE_CHECKING:
    from django.db.models import QuerySet

logger = logging.getLogger("esr_portal.second_step")

# RFC 4226, section 4, R6: the length of a hash, 160 bits.
SECRET_BYTES = 20
# What every authenticator app makes: six digits, new every 30 seconds (RFC 6238, section 5.2).
DIGITS = 6
# The typed secret is shown in groups of this many letters.
GROUP = 4


class WrongCode(Exception):
    """The code is not the one that the app shows now, or it has been used."""


class AlreadySetUp(Exception):
    """There is a second step, and it is not replaced."""


class NotSetUp(Exception):
    """There is no second step to pass."""


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


def set_up(
    *, user: User, secret: str, code: str, replace: bool = False, session_key: str | None = None, tell: bool = True
) -> str:
    """Keep `secret` as the second step of `user`, whose app made `code` from it; return what the session knows it by.

    The code counts as used. With `replace` it takes the place of the app that was there, and ends their sessions but
    `session_key`: only for a caller who has proved to be `user` by more than the password. `tell` is whether a mail
    tells of it. Raises WrongCode, AlreadySetUp where there is a second step and nothing is replaced, or PasswordChanged
    where the password is no longer that of `user` as the caller read it; or CannotBeChecked, and nothing is kept.
    Records SECOND_STEP_ENROLLED or SECOND_STEP_FAILED.
    """
    try:
        with transaction.atomic():
            # With the lock, of two set-ups at the same time the second finds what the first stored.
            now = records.hold_person(user)
            if not replace and ways.is_set_up(user=now):
                raise AlreadySetUp
            # A secret that was looked at and never confirmed, or of a time before, is worth nothing.
            deleted, _ = Authenticator.objects.filter(user=now).delete()
            sealed = sealing.seal(bytes.fromhex(secret), of=Authenticator.sealed_for(now.pk))
            new = Authenticator.objects.create(user=now, key=sealed, name="Authenticator app", confirmed=True)
            if not _is_right(new, code):
                raise WrongCode
            if replace and deleted:
                # The phone that is replaced may be a thief's.
                sessions.end_all(user=now, but=session_key)
            event = events.record(event=Event.SECOND_STEP_ENROLLED, user_id=now.pk)
            if tell:
                about = {"users": [now.pk], "event": event.pk, "what": "authenticator"}
                outbox.add(kind=Kind.SECOND_STEP_ADDED, about=about)
    except WrongCode:
        events.record(event=Event.SECOND_STEP_FAILED, user_id=user.pk, reason="wrong_code_at_set_up")
        raise
    wrong_codes.begin_with_new(user=user, code=Code.APP)
    return str(new.persistent_id)


def check(*, user: User, code: str) -> str:
    """Check a code of `user`'s app; return what the session knows the second step by.

    Of one code that is posted many times at once, one passes. Raises WrongCode, CannotBeChecked, TooManyWrongCodes or
    NotSetUp. Records SECOND_STEP_PASSED or SECOND_STEP_FAILED.
    """
    if not _confirmed(user).exists():
        raise NotSetUp
    with transaction.atomic():
        record = records.hold(user)
        authenticator = _confirmed(user).select_for_update().first()
        if authenticator is None:
            raise NotSetUp
        refusal = wrong_codes.refusal(record=record, code=Code.APP)
        passed = refusal is None and _is_right(authenticator, code)
        if passed:
            wrong_codes.begin_anew(record=record)
            events.record(event=Event.SECOND_STEP_PASSED, user_id=user.pk)
        elif refusal:
            events.record_failure(event=Event.SECOND_STEP_FAILED, user_id=user.pk, reason="too_many_wrong_codes")
        else:
            wrong_codes.count(record=record, code=Code.APP)
    # Raised outside: the count of wrong codes must stay.
    if refusal:
        raise refusal
    if not passed:
        raise WrongCode
    return str(authenticator.persistent_id)


def remove_authenticator(*, user: User, session_key: str | None = None) -> bool:
    """Take away the authenticator app of `user`, who has asked for that; return whether there was one.

    Raises LastWay where it is the last second step of a person who has to have one. Ends their sessions but
    `session_key`: the app may be a thief's. Records SECOND_STEP_REMOVED.
    """
    with transaction.atomic():
        now = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        removed, _ = Authenticator.objects.filter(user=now).delete()
        if removed:
            policy.keep_one(user=now)
            recovery_codes.end_with_the_last_way(user=now)
            sessions.end_all(user=now, but=session_key)
            event = events.record(event=Event.SECOND_STEP_REMOVED, user_id=now.pk, reason="authenticator")
            about = {"users": [now.pk], "event": event.pk, "what": "authenticator"}
            outbox.add(kind=Kind.SECOND_STEP_REMOVED, about=about)
    return removed > 0


def _is_right(authenticator: Authenticator, code: str) -> bool:
    """Return whether the app shows `code`. Raises CannotBeChecked where that cannot be told, by a fault of ours."""
    try:
        is_right = bool(authenticator.verify_token(code))
        if not is_right and wrong_clock.is_ours(authenticator=authenticator, code=code):
            logger.error("A right code was refused: this server's clock is wrong, or was.")
            raise CannotBeChecked
    except sealing.CannotOpen as operators_fault:
        sealing.say_that_a_key_is_missing()
        raise CannotBeChecked from operators_fault
    return is_right


def _confirmed(user: User) -> QuerySet[Authenticator]:
    return Authenticator.objects.confirmed(user.pk)
