"""Wrong codes after a right password: waits that end, a cap for each day, and a hundred in a row.

They do not count towards the lock of the username: only a caller who knows the password gets this far. An attacker who
does must not be able to keep the owner out, so the waits of recovery codes are short, and neither passkeys nor Care
Identity wait for anything. docs/decisions/0039-codes-waits-that-end.md.
"""

from __future__ import annotations

import datetime
import enum
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from accounts.models import SecondStepRecord, User
from accounts.models.outbox import Kind
from accounts.models.security_event import Event
from accounts.services import events, outbox

if TYPE_CHECKING:
    from accounts.models import SecurityEvent

# A person mistypes a code, and reads an old one, without being made to wait.
WITHOUT_A_WAIT = 3
FIRST_WAIT = datetime.timedelta(seconds=30)
LONGEST_WAIT = datetime.timedelta(minutes=5)
# A recovery code has 49 bits: a year of guesses at this pace finds one of ten with a chance of 1 in 78 million.
LONGEST_WAIT_FOR_RECOVERY_CODES = FIRST_WAIT
# Of the million codes of an app three pass at any time: a day of guessing succeeds with a chance of 1 in 16,000.
MOST_A_DAY = 20
DAY = datetime.timedelta(days=1)
# NIST SP 800-63B-4, 3.2.2: no more than 100 consecutive failed attempts.
MOST_IN_A_ROW = 100


class Code(enum.Enum):
    """What a code is of."""

    APP = enum.auto()
    RECOVERY = enum.auto()


class TooManyWrongCodes(Exception):
    """No code of this kind is looked at before `until`; where that is None, none before another way was used."""

    def __init__(self, until: datetime.datetime | None) -> None:
        super().__init__()
        self.until = until


def refusal(*, record: SecondStepRecord, code: Code) -> TooManyWrongCodes | None:
    """Return why no `code` is looked at now, or None where one is. `record` is as it is under its lock."""
    now = timezone.now()
    if code is Code.APP and record.wrong_in_a_row >= MOST_IN_A_ROW:
        return TooManyWrongCodes(None)
    ends = []
    if code is Code.APP and record.wrong_today >= MOST_A_DAY and record.day_began_at:
        ends.append(record.day_began_at + DAY)
    if record.last_wrong_at:
        ends.append(record.last_wrong_at + wait_after(wrong_in_a_row=record.wrong_in_a_row, code=code))
    until = max(ends, default=now)
    return TooManyWrongCodes(until) if until > now else None


def wait_after(*, wrong_in_a_row: int, code: Code) -> datetime.timedelta:
    """Return how long no `code` is looked at after so many wrong ones in a row."""
    if wrong_in_a_row <= WITHOUT_A_WAIT:
        return datetime.timedelta(0)
    doublings = min(wrong_in_a_row - WITHOUT_A_WAIT - 1, 10)
    longest = LONGEST_WAIT if code is Code.APP else LONGEST_WAIT_FOR_RECOVERY_CODES
    doubled: datetime.timedelta = FIRST_WAIT * 2**doublings
    return min(doubled, longest)


def count(*, record: SecondStepRecord, code: Code) -> None:
    """Count a wrong `code` and record SECOND_STEP_FAILED, under the lock of `record`.

    Where it is the last one of the day, or of the hundred, the owner is told.
    """
    now = timezone.now()
    if record.day_began_at is None or record.day_began_at + DAY <= now:
        record.day_began_at, record.wrong_today = now, 0
    record.wrong_today += code is Code.APP
    record.wrong_in_a_row += 1
    record.last_wrong_at = now
    record.save(update_fields=["day_began_at", "wrong_today", "wrong_in_a_row", "last_wrong_at"])
    reason = "wrong_code" if code is Code.APP else "wrong_recovery_code"
    event = events.record(event=Event.SECOND_STEP_FAILED, user_id=record.user_id, reason=reason)
    if (code is Code.APP and record.wrong_today == MOST_A_DAY) or record.wrong_in_a_row == MOST_IN_A_ROW:
        _tell(event)


def begin_anew(*, record: SecondStepRecord) -> None:
    """Forget the wrong codes in a row, because a right one came. Those of the day stay: a guesser gets no more."""
    record.wrong_in_a_row = 0
    record.save(update_fields=["wrong_in_a_row"])


def forgive(*, user: User, by: User | None) -> bool:
    """Lift every wait of `user` after wrong codes; `by` is the agent of the helpdesk who does.

    Returns whether there was anything to lift; WRONG_CODES_FORGIVEN is recorded only then.
    """
    with transaction.atomic():
        record = SecondStepRecord.objects.select_for_update().filter(user=user).first()
        if record is None or not (record.wrong_in_a_row or record.wrong_today):
            return False
        record.wrong_in_a_row = record.wrong_today = 0
        record.day_began_at = record.last_wrong_at = None
        record.save(update_fields=["wrong_in_a_row", "wrong_today", "day_began_at", "last_wrong_at"])
        events.record(event=Event.WRONG_CODES_FORGIVEN, user_id=user.pk, by=by)
    return True


def closed(*, user: User, code: Code) -> TooManyWrongCodes | None:
    """Return why no `code` of `user` is looked at now, or None where one is: for the helpdesk to see."""
    record = SecondStepRecord.objects.filter(user=user).first()
    return refusal(record=record, code=code) if record else None


def _tell(event: SecurityEvent) -> None:
    outbox.add(kind=Kind.WRONG_CODES, about={"users": [event.user_id], "event": event.pk})
