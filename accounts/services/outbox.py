"""Work that a request leaves behind, done later by workers (`manage.py work`), as often as it takes.

A request adds a row in its own transaction, so the work exists exactly when what asked for it does. A worker claims a
due row, which counts the attempt and gives the worker a lease; does the work outside any transaction; and then marks
the row done. A worker that dies lets go when its lease ends. Nothing is deleted on failure: the row waits and is tried
again. Work may therefore be done twice, never not at all.

How long a row waits after its n-th failure: 5 s · 2^(n-1), at most 12 minutes, times a random number from 1 to 1.25.
That is 5 seconds at first and 15 minutes at most, and rows that failed together come back apart. A mailbox that still
refuses for good after a day is tried once a day from then on: closed mailboxes pile up, and must not slow the others.
"""

from __future__ import annotations

import datetime
import enum
import logging
import random
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Least
from django.utils import timezone

from accounts import clocks, languages
from accounts.models import OutboxMessage
from accounts.models.outbox import Kind

if TYPE_CHECKING:
    import uuid
    from collections.abc import Collection, Iterable, Mapping, Sequence

logger = logging.getLogger("esr_portal.outbox")

# How long a worker may hold a row before another takes it for dead. A mail takes about ten answers of the mail server
# (greeting, EHLO, TLS, EHLO again, log-in, sender, recipient, DATA, its end, QUIT), each within EMAIL_TIMEOUT (10 s).
LEASE = datetime.timedelta(minutes=5)
FIRST_WAIT = datetime.timedelta(seconds=5)
LONGEST_WAIT = datetime.timedelta(minutes=15)
JITTER = 0.25
# RFC 5321, 4.5.4.1, has mail servers go on for days; ours goes on for ever, but less often.
REFUSED_FOR_GOOD_AFTER = datetime.timedelta(days=1)
WAIT_WHEN_REFUSED_FOR_GOOD = datetime.timedelta(days=1)
# Mails to many at once (the daily work, an import, an outage) stand behind those that are asked for within this time:
# people wait for links. Where nothing else is due, they go at once.
STANDS_BEHIND = datetime.timedelta(hours=1)
# Made by strangers, and of no use once they are decided: they are not kept, nor waited with for longer than a day.
LEAVE_NOTHING = frozenset({Kind.DECIDE_LOCK_MAIL})
LEAVE_NOTHING_AFTER = datetime.timedelta(days=1)
# What a mail about a second step can be about.
SECOND_STEPS = frozenset({"passkey", "authenticator", "recovery_codes", "all", "stopped_passkeys", "copied_passkey"})
# Rows that are done are kept this long, for the helpdesk's "did my mail go out?".
KEPT_FOR = datetime.timedelta(days=30)
# What the row of a mail keeps that was not sent and never will be.
NOT_NEEDED = "Not sent: not needed any more"


class Failure(enum.Enum):
    """What a failure says about the next try."""

    FOR_NOW = enum.auto()
    REFUSED_FOR_GOOD = enum.auto()


def add(
    *,
    kind: Kind,
    about: Mapping[str, object],
    turn_at: datetime.datetime | None = None,
    asked_at: datetime.datetime | None = None,
) -> OutboxMessage:
    """Add work to the caller's transaction; return the row. It is due at once.

    `turn_at` says which of the rows that are due is done first: the earliest. None is now. `asked_at` is when what it
    tells of was, where not now.

    `about` holds primary keys and flags: `request` (a RecoveryRequest), `users` (the people the mail is for),
    `by_helpdesk` (True where the helpdesk sends it), `former_email` (a FormerEmail that the mail goes to), `linked`
    (whether a Care Identity was linked or taken away), `check` (a CallerCheck), `upload` (a PeopleUpload), `outage` (an
    OutageUnlock), `given_address` (a GivenAddress to confirm), `removed` (whether one was taken away), `correction`
    (whether it was to become the one on record), `to_personal` (True where a mail goes to leavers at their personal
    address), `by_operator` (True where the operator handed out what is kept), `code_made`, `unfrozen` and
    `email_confirmed` (what the helpdesk did for a caller), `event` (a SecurityEvent), and `what` (one of SECOND_STEPS:
    what was added, removed or guessed), and `language` (that of
    the request in which the person asked for the mail). Raises TypeError for anything else: a row holds no address, no
    token and no text.
    """
    row = _row(kind, about)
    if turn_at is not None:
        row.turn_at = turn_at
    row.created_at = asked_at or row.created_at
    row.save(force_insert=True)
    return row


def add_many(*, kind: Kind, about: Iterable[Mapping[str, object]], is_waited_for: bool = False) -> None:
    """Add a row for each of `about` to the caller's transaction, as `add` does, in few statements.

    They stand behind what people wait for, unless `is_waited_for`.
    """
    rows = [_row(kind, each) for each in about]
    for row in rows:
        row.turn_at += datetime.timedelta() if is_waited_for else STANDS_BEHIND
    OutboxMessage.objects.bulk_create(rows, batch_size=1000)


def asked_in(language: str) -> dict[str, str]:
    """Return what `about` says of the language in which a mail was asked for; "" is not known."""
    return {"language": language} if language else {}


def add_under_one_of(*, ids: Sequence[uuid.UUID], kind: Kind, about: Mapping[str, object]) -> bool:
    """Add work, as `add` does, under the first of `ids` that no row has; return False where all are taken.

    So no more than these are ever added, from however many requests at once: of two that choose the same, one is.
    """
    taken = set(OutboxMessage.objects.filter(pk__in=ids).values_list("pk", flat=True))
    free = next((pk for pk in ids if pk not in taken), None)
    if free is None:
        return False
    row = _row(kind, about)
    row.id = free
    OutboxMessage.objects.bulk_create([row], ignore_conflicts=True)
    return True


def _row(kind: Kind, about: Mapping[str, object]) -> OutboxMessage:
    for name, value in about.items():
        if (name == "what" and value in SECOND_STEPS) or (name == "language" and languages.is_one(value)):
            continue
        if not all(isinstance(key, int) for key in (value if isinstance(value, list) else [value])):
            msg = f"The outbox keeps primary keys and flags only, and {name!r} is something else."
            raise TypeError(msg)
    return OutboxMessage(kind=kind, about=dict(about))


def claim(*, kinds: Collection[Kind]) -> OutboxMessage | None:
    """Take the row of `kinds` whose turn it is, for LEASE, and count the attempt; None where nothing is due.

    Any number of workers may ask at once: each row goes to one of them. When nothing is due nothing is locked.
    """
    if not _due(kinds).exists():
        return None
    with transaction.atomic():
        # SQLite has no row locks and needs none: the transaction begins with the lock for writing.
        row = _due(kinds).select_for_update(skip_locked=True).order_by("turn_at").first()
        if row is None:
            return None
        # Still under the condition: safe even where the lock above is not to be had.
        claimed = (
            _due(kinds)
            .filter(pk=row.pk, attempts=row.attempts)
            # Due from now on also by what a clock that was ahead has written: see `_due`.
            .update(
                leased_until=timezone.now() + LEASE,
                attempts=F("attempts") + 1,
                due_at=Least(F("due_at"), timezone.now()),
            )
        )
    if not claimed:
        return None
    row.attempts += 1
    return row


def finish(*, message: OutboxMessage) -> None:
    """Mark the work as done, so that it is never done again, also when the lease has passed to another worker.

    Where its kind leaves nothing, the row goes.
    """
    row = OutboxMessage.objects.filter(pk=message.pk, sent_at__isnull=True)
    if message.kind in LEAVE_NOTHING:
        row.delete()
    else:
        row.update(sent_at=timezone.now(), leased_until=None, last_error="")
    logger.info("done", extra=_in_the_log(message))


def drop(*, message: OutboxMessage) -> None:
    """Mark a mail as done that was not sent: its check was over, or no person is left to tell.

    Does nothing where another worker has sent it by now.
    """
    row = OutboxMessage.objects.filter(pk=message.pk, sent_at__isnull=True)
    row.update(sent_at=timezone.now(), leased_until=None, last_error=NOT_NEEDED)


def fail(*, message: OutboxMessage, error: str, failure: Failure = Failure.FOR_NOW) -> None:
    """Let go of a row whose work failed, to be tried again later. `error` says why, without personal data.

    Does nothing if another worker has the row by now.
    """
    now = timezone.now()
    wait = wait_after(attempts=message.attempts)
    if failure is Failure.REFUSED_FOR_GOOD and now - message.created_at > REFUSED_FOR_GOOD_AFTER:
        wait = WAIT_WHEN_REFUSED_FOR_GOOD
    longest = OutboxMessage._meta.get_field("last_error").max_length
    OutboxMessage.objects.filter(pk=message.pk, attempts=message.attempts, sent_at__isnull=True).update(
        due_at=now + wait, turn_at=now + wait, leased_until=None, last_error=error[:longest]
    )
    seconds = round(wait.total_seconds())
    logger.warning("failed", extra={**_in_the_log(message), "error": error, "seconds_until_next_try": seconds})


def postpone(*, message: OutboxMessage, until: datetime.datetime) -> None:
    """Let go of a row that is not to be done before `until`. That is no failure, and ends what failed before it.

    Does nothing if another worker has the row by now.
    """
    OutboxMessage.objects.filter(pk=message.pk, attempts=message.attempts, sent_at__isnull=True).update(
        due_at=until, turn_at=until, leased_until=None, attempts=0, last_error=""
    )
    logger.info("postponed", extra={**_in_the_log(message), "until": until.isoformat(timespec="seconds")})


def renew(*, message: OutboxMessage) -> bool:
    """Hold a row for LEASE more, whose work takes longer; return False where another worker has it by now."""
    held = OutboxMessage.objects.filter(pk=message.pk, attempts=message.attempts, sent_at__isnull=True)
    return bool(held.update(leased_until=timezone.now() + LEASE))


def wait_after(*, attempts: int) -> datetime.timedelta:
    """Return how long to wait after this many failed attempts; see the top of this file for the formula."""
    doublings = min(attempts - 1, 10)
    plain: datetime.timedelta = min(FIRST_WAIT * 2**doublings, LONGEST_WAIT / (1 + JITTER))
    return plain * random.uniform(1, 1 + JITTER)  # noqa: S311 - no secret: it only spreads the tries.


def split(*, message: OutboxMessage, groups: list[list[int]]) -> None:
    """Put a row of its own for each group of users in the place of `message`, which is then done.

    Does nothing if another worker has the row by now.
    """
    now = timezone.now()
    with transaction.atomic():
        held = OutboxMessage.objects.filter(pk=message.pk, attempts=message.attempts, sent_at__isnull=True)
        if held.update(sent_at=now, leased_until=None, last_error=""):
            OutboxMessage.objects.bulk_create(
                OutboxMessage(
                    kind=message.kind,
                    about={**message.about, "users": users},
                    created_at=message.created_at,
                    due_at=now,
                )
                for users in groups
            )


def delete_done() -> int:
    """Delete the rows that were done KEPT_FOR ago; return how many. Rows that are not done stay. Daily work.

    Those that leave nothing do not stay: no worker has run for a day.
    """
    now = timezone.now()
    stale = Q(kind__in=LEAVE_NOTHING, created_at__lte=now - LEAVE_NOTHING_AFTER)
    deleted, _ = OutboxMessage.objects.filter(Q(sent_at__lte=now - KEPT_FOR) | stale).delete()
    return deleted


def _due(kinds: Collection[Kind]) -> QuerySet[OutboxMessage]:
    now = timezone.now()
    free = Q(leased_until__isnull=True) | Q(leased_until__lte=now)
    # Nothing was asked for in the future: the clock of an instance was ahead, and a person waits for it now.
    is_time = Q(due_at__lte=now) | Q(attempts=0, created_at__gt=now + clocks.MOST_APART)
    return OutboxMessage.objects.filter(free, is_time, kind__in=kinds, sent_at__isnull=True)


def _in_the_log(message: OutboxMessage) -> dict[str, object]:
    return {"outbox": str(message.pk), "kind": message.kind, "attempts": message.attempts}
