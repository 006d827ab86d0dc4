"""Recovery codes: ten on paper, each good once, for the day on which the phone is gone.

A look-up secret (NIST SP 800-63B-4, 3.1.2). It is kept sealed, and shown once, when it is made.
"""

from __future__ import annotations

import secrets

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts import sealing, typed_codes
from accounts.models import RecoveryCodes, SecondStepRecord, User
from accounts.models.outbox import Kind
from accounts.models.security_event import Event
from accounts.services import events, outbox
from accounts.services.second_step import records, ways, wrong_codes
from accounts.services.second_step.wrong_codes import CannotBeChecked, Code, TooManyWrongCodes

HOW_MANY = 10
# Digits and small letters without those that look like others: 0 o, 1 i l. Ten of them have 49.5 bits.
LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
LENGTH = 10
GROUP = 5
# With so few left the person is told to make new ones.
FEW = 2


class WrongRecoveryCode(Exception):
    """The code is none of those that are left."""


class NoRecoveryCodes(Exception):
    """There are none, or none left."""


def make(*, user: User, tell: bool = True) -> list[str]:
    """Make HOW_MANY new codes for `user`, end the old ones, and return the new ones as people read them.

    They cannot be had again. `tell` is whether a mail tells of it. Raises PasswordChanged where the password is no
    longer that of `user` as the caller read it. Records RECOVERY_CODES_MADE.
    """
    codes = ["".join(secrets.choice(LETTERS) for _ in range(LENGTH)) for _ in range(HOW_MANY)]
    with transaction.atomic():
        now = records.hold_person(user)
        sealed = [sealing.seal(code.encode(), of=RecoveryCodes.sealed_for(now.pk)) for code in codes]
        # The same row, by which a session knows that one of them was its second step.
        RecoveryCodes.objects.update_or_create(
            user=now,
            defaults={"sealed": sealed, "made_at": timezone.now(), "name": "Recovery codes", "confirmed": True},
        )
        event = events.record(event=Event.RECOVERY_CODES_MADE, user_id=now.pk)
        if tell:
            outbox.add(kind=Kind.RECOVERY_CODES_MADE, about={"users": [now.pk], "event": event.pk})
    wrong_codes.begin_with_new(user=user, code=Code.RECOVERY)
    return [as_read(code) for code in codes]


def use(*, user: User, code: str) -> str:
    """Use up a code of `user`, in its one spelling; return what the session knows the second step by.

    Of one code that is posted many times at once, one passes, and during a wait after wrong ones too. Raises
    WrongRecoveryCode, CannotBeChecked, TooManyWrongCodes or NoRecoveryCodes. Records RECOVERY_CODE_USED or
    SECOND_STEP_FAILED.
    """
    if not left(user=user):
        raise NoRecoveryCodes
    with transaction.atomic():
        record = records.hold(user)
        held = RecoveryCodes.objects.select_for_update().filter(user=user).first()
        refusal = wrong_codes.refusal(record=record, code=Code.RECOVERY)
        # During a wait that ends, a right one passes.
        is_looked_at = refusal is None or refusal.until is not None
        passed = held if held is not None and is_looked_at and _take(held, code) else None
        if passed:
            wrong_codes.begin_anew(record=record)
            events.record(event=Event.RECOVERY_CODE_USED, user_id=user.pk)
        else:
            _note_wrong(record, refusal)
    # Raised outside: the count of wrong codes must stay.
    if passed is None:
        raise refusal or WrongRecoveryCode
    return str(passed.persistent_id)


def end_with_the_last_way(*, user: User) -> None:
    """Delete the codes of `user` where no second step is left that they stand in for.

    Called in the transaction that takes a way away, under the lock of the person. A paper that was thrown away with the
    app must not count for the next one.
    """
    if not ways.is_set_up(user=user):
        RecoveryCodes.objects.filter(user=user).delete()


def left(*, user: User) -> int:
    """Return how many codes of `user` are left."""
    sealed = RecoveryCodes.objects.filter(user=user, confirmed=True).values_list("sealed", flat=True).first()
    return len(sealed or [])


def as_read(code: str) -> str:
    """Return a code in its two groups, as people read it: 7kqm9-x2vhd."""
    return f"{code[:GROUP]}-{code[GROUP:]}"


def as_typed(typed: str) -> str | None:
    """Return the one spelling of a typed code, or None where it is none by its form.

    Case, blanks, hyphens, invisible marks and full-width letters are forgiven.
    """
    code = typed_codes.plain(typed).casefold()
    return code if len(code) == LENGTH and set(code) <= set(LETTERS) else None


def _note_wrong(record: SecondStepRecord, refusal: TooManyWrongCodes | None) -> None:
    if refusal is None:
        wrong_codes.count(record=record, code=Code.RECOVERY)
        return
    reason = "recovery_codes_closed" if refusal.until is None else "wrong_recovery_code_in_a_wait"
    events.record_failure(event=Event.SECOND_STEP_FAILED, user_id=record.user_id, reason=reason)


def _take(held: RecoveryCodes, code: str) -> bool:
    """Take `code` out of those that are left, under the lock of their row; return whether it was among them.

    Raises CannotBeChecked where no key opens them.
    """
    of = RecoveryCodes.sealed_for(held.user_id)
    # All are opened, and so the time does not tell which one it was.
    try:
        same = [constant_time_compare(sealing.unseal(sealed, of=of), code) for sealed in held.sealed]
    except sealing.CannotOpen as operators_fault:
        sealing.say_that_a_key_is_missing()
        raise CannotBeChecked from operators_fault
    if not any(same):
        return False
    held.sealed = [sealed for sealed, is_it in zip(held.sealed, same, strict=True) if not is_it]
    held.save(update_fields=["sealed"])
    return True
