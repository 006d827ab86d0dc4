"""Wrong codes after a right password: waits that end, a cap for each day, and a hundred in a row.

They do not count towards the lock of the username: only a caller who knows the password gets this far. An attacker who
does must not be able to keep the owner out, so codes of the app and recovery codes are counted apart, a right recovery
code passes during a wait, and neither passkeys nor Care Identity wait for anything.
docs/decisions/0039-codes-waits-that-end.md.
"""

from __future__ import annotations

import datetime
import enum
from typing import TYPE_CHECKING, NamedTuple

from django.db import transaction
from django.utils import timezone

from accounts.models import SecondStepRecord, User
from accounts.models.outbox import Kind
from accounts.models.security_event import Event
from accounts.services import events, outbox

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from accounts.models import SecurityEvent

# A person mistypes a code, and reads an old one, without being made to wait.
WITHOUT_A_WAIT = 3
FIRST_WAIT = datetime.timedelta(seconds=30)
LONGEST_WAIT = datetime.timedelta(minutes=5)
LONGEST_WAIT_FOR_RECOVERY_CODES = FIRST_WAIT
# Of the million codes of an app three pass at any time: a day of guessing succeeds with a chance of 1 in 16,000. Of
# recovery codes it is when the owner is told, and closes nothing.
MOST_A_DAY = 20
DAY = datetime.timedelta(days=1)
# NIST SP 800-63B-4, 3.2.2: no more than 100 consecutive failed attempts.
MOST_IN_A_ROW = 100
_COLUMNS = [
    "day_began_at",
    *("wrong_in_a_row", "wrong_today", "last_wrong_at"),
    *("wrong_recovery_in_a_row", "wrong_recovery_today", "last_wrong_recovery_at"),
]


class Code(enum.Enum):
    """What a code is of."""

    APP = enum.auto()
    RECOVERY = enum.auto()


class _Wrong(NamedTuple):
    """The wrong codes of one kind."""

    in_a_row: int
    today: int
    last_at: datetime.datetime | None


class CannotBeChecked(Exception):
    """A fault of ours keeps codes from being compared: none is right now, and none is counted as wrong."""


class TooManyWrongCodes(Exception):
    """Codes of this kind wait until `until`; where that is None, none is looked at before another way was used."""

    def __init__(self, until: datetime.datetime | None) -> None:
        super().__init__()
        self.until = until


def refusal(*, record: SecondStepRecord, code: Code) -> TooManyWrongCodes | None:
    """Return why a `code` has to wait now, or None where it has not. `record` is as it is under its lock.

    A code of the app is not looked at then. A recovery code is, but where there is no end: looking tells a guesser of
    49 bits nothing, and the owner need not find a moment between the guesses.
    """
    now, wrong = timezone.now(), _wrong(record, code)
    if wrong.in_a_row >= MOST_IN_A_ROW:
        return TooManyWrongCodes(None)
    ends = []
    if code is Code.APP and wrong.today >= MOST_A_DAY and record.day_began_at:
        ends.append(record.day_began_at + DAY)
    if wrong.last_at:
        ends.append(wrong.last_at + wait_after(wrong_in_a_row=wrong.in_a_row, code=code))
    until = max(ends, default=now)
    return TooManyWrongCodes(until) if until > now else None


def wait_after(*, wrong_in_a_row: int, code: Code) -> datetime.timedelta:
    """Return how long a `code` has to wait after so many wrong ones of its kind in a row."""
    if wrong_in_a_row <= WITHOUT_A_WAIT:
        return datetime.timedelta(0)
    doublings = min(wrong_in_a_row - WITHOUT_A_WAIT - 1, 10)
    longest = LONGEST_WAIT if code is Code.APP else LONGEST_WAIT_FOR_RECOVERY_CODES
    doubled: datetime.timedelta = FIRST_WAIT * 2**doublings
    return min(doubled, longest)


def count(*, record: SecondStepRecord, code: Code) -> None:
    """Count a wrong `code` and record SECOND_STEP_FAILED, under the lock of `record`.

    Where it is the twentieth of the day, or the last of the hundred, the owner is told.
    """
    now = timezone.now()
    if record.day_began_at is None or record.day_began_at + DAY <= now:
        record.day_began_at, record.wrong_today, record.wrong_recovery_today = now, 0, 0
    if code is Code.APP:
        record.wrong_in_a_row += 1
        record.wrong_today += 1
        record.last_wrong_at = now
    else:
        record.wrong_recovery_in_a_row += 1
        record.wrong_recovery_today += 1
        record.last_wrong_recovery_at = now
    record.save(update_fields=_COLUMNS)
    reason = "wrong_code" if code is Code.APP else "wrong_recovery_code"
    event = events.record(event=Event.SECOND_STEP_FAILED, user_id=record.user_id, reason=reason)
    wrong = _wrong(record, code)
    # Once a day: who was told of the twentieth is not told of the hundredth.
    if wrong.today == MOST_A_DAY or (wrong.in_a_row == MOST_IN_A_ROW and wrong.today < MOST_A_DAY):
        _tell(event, code)


def begin_anew(*, record: SecondStepRecord) -> None:
    """Forget the wrong codes in a row, because a right one came. Those of the day stay: a guesser gets no more."""
    record.wrong_in_a_row = record.wrong_recovery_in_a_row = 0
    record.save(update_fields=["wrong_in_a_row", "wrong_recovery_in_a_row"])


def begin_with_new(*, user: User, code: Code) -> None:
    """Forget the wrong codes of a kind whose secret is new, so that no wait or cap goes over to it.

    The caller holds no lock of the person (records.py).
    """
    if code is Code.APP:
        SecondStepRecord.objects.filter(user=user).update(wrong_in_a_row=0, wrong_today=0, last_wrong_at=None)
    else:
        # The day's stay: they close nothing, and the owner was told.
        SecondStepRecord.objects.filter(user=user).update(wrong_recovery_in_a_row=0, last_wrong_recovery_at=None)


def forgive(*, user: User, by: User | None) -> bool:
    """Lift every wait of `user` after wrong codes; `by` is the agent of the helpdesk who does.

    Returns whether there was anything to lift; only then WRONG_CODES_FORGIVEN is recorded, and the person told by mail.
    """
    with transaction.atomic():
        record = SecondStepRecord.objects.select_for_update().filter(user=user).first()
        if record is None or not any(count for code in Code for count in _wrong(record, code)[:2]):
            return False
        record.wrong_in_a_row = record.wrong_today = record.wrong_recovery_in_a_row = record.wrong_recovery_today = 0
        record.day_began_at = record.last_wrong_at = record.last_wrong_recovery_at = None
        record.save(update_fields=_COLUMNS)
        event = events.record(event=Event.WRONG_CODES_FORGIVEN, user_id=user.pk, by=by)
        if by is not None:
            outbox.add(kind=Kind.HELPED, about={"users": [user.pk], "event": event.pk})
    return True


def lift_waits(*, people: Collection[int]) -> set[int]:
    """End the waits of many people after wrong codes; return the primary keys of those who had to wait.

    In the caller's transaction. Those in a row stay: after a hundred no code is looked at, however often this is done.
    """
    records = SecondStepRecord.objects.select_for_update().filter(user__in=people).order_by("pk")
    waiting = {record.pk for record in records if has_a_wait_that_ends(record=record)}
    SecondStepRecord.objects.filter(pk__in=waiting).update(
        wrong_today=0, day_began_at=None, last_wrong_at=None, last_wrong_recovery_at=None
    )
    return waiting


def has_a_wait_that_ends(*, record: SecondStepRecord) -> bool:
    """Return whether codes of an app have to wait now, and not for another way for good."""
    refused = refusal(record=record, code=Code.APP)
    return refused is not None and refused.until is not None


def waits(*, user: User) -> Mapping[Code, TooManyWrongCodes]:
    """Return which codes of `user` have to wait now, and why: for the helpdesk to see."""
    record = SecondStepRecord.objects.filter(user=user).first()
    refusals = {code: refusal(record=record, code=code) for code in Code} if record else {}
    return {code: why for code, why in refusals.items() if why is not None}


def _wrong(record: SecondStepRecord, code: Code) -> _Wrong:
    if code is Code.APP:
        return _Wrong(record.wrong_in_a_row, record.wrong_today, record.last_wrong_at)
    return _Wrong(record.wrong_recovery_in_a_row, record.wrong_recovery_today, record.last_wrong_recovery_at)


def _tell(event: SecurityEvent, code: Code) -> None:
    what = {"what": "recovery_codes"} if code is Code.RECOVERY else {}
    outbox.add(kind=Kind.WRONG_CODES, about={"users": [event.user_id], "event": event.pk, **what})
