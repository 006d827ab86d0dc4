"""Too many wrong passwords: at most ten, then fifteen minutes of none.

Counted by the normalised *typed* username, so that an unknown name locks exactly as a real one does. A browser that
has logged in with a username before keeps a counter of its own, so that a stranger cannot lock the owner out (OWASP,
device cookies). Sources: Cyber Essentials (ten tries at most); OWASP Web Security Testing Guide (it ends by itself).
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.utils import timezone

from accounts.identifiers import as_username, keyed_digest
from accounts.models import Lockout
from accounts.models.security_event import Event
from accounts.services import events

if TYPE_CHECKING:
    from accounts.models import User

# Cyber Essentials, "Secure configuration": lock after no more than ten unsuccessful attempts.
LIMIT = 10
# How long a lock lasts, and how long wrong passwords are remembered after the last one.
DURATION = datetime.timedelta(minutes=15)

# One statement, so that parallel guesses cannot pass the limit between a look and a write. It writes nothing, and
# returns nothing, while the lock lasts: attempts then do not extend it. Both databases understand it.
_RESERVE = """
INSERT INTO {table} (username_digest, browser_digest, failures, last_failure_at, locked_at)
VALUES (%(username)s, %(browser)s, 1, %(now)s, NULL)
ON CONFLICT (username_digest, browser_digest) DO UPDATE SET
    failures = CASE WHEN {table}.last_failure_at <= %(forgotten)s THEN 1 ELSE {table}.failures + 1 END,
    locked_at = CASE WHEN {table}.last_failure_at > %(forgotten)s AND {table}.failures + 1 >= %(limit)s
                     THEN %(now)s END,
    last_failure_at = %(now)s
WHERE {table}.locked_at IS NULL OR {table}.locked_at <= %(forgotten)s
RETURNING failures
"""


def username_digest(username: str) -> str:
    """Return what the counters know a typed username by."""
    return keyed_digest(purpose="lockout.username", value=as_username(username))


def record_failure(*, username: str, browser: str = "") -> int | None:
    """Count one try for `username` *before* its password is looked at, as though it were wrong.

    `browser` is the digest of a browser that has logged in with this username before, or "". Returns how many tries in
    a row that makes, or None when the username is locked (the try is not counted and must not reach the password).
    """
    now = timezone.now()
    table = connection.ops.quote_name(Lockout._meta.db_table)
    adapt = connection.ops.adapt_datetimefield_value
    with connection.cursor() as cursor:
        cursor.execute(
            _RESERVE.format(table=table),
            {
                "username": username_digest(username),
                "browser": browser,
                "now": adapt(now),
                "forgotten": adapt(now - DURATION),
                "limit": LIMIT,
            },
        )
        row = cursor.fetchone()
    return row[0] if row else None


def forget_failures(*, username: str, browser: str = "") -> None:
    """Forget the wrong passwords counted where this try was counted, because its password was right.

    The row goes, so that the first wrong password for a real name costs what it costs for an unknown one.
    """
    Lockout.objects.filter(username_digest=username_digest(username), browser_digest=browser).delete()


def locked_until(*, username: str, browser: str = "") -> datetime.datetime | None:
    """Return when the lock that this browser meets for `username` ends, or None where there is none."""
    row = Lockout.objects.filter(username_digest=username_digest(username), browser_digest=browser).first()
    if row is None or row.locked_at is None or row.locked_at <= timezone.now() - DURATION:
        return None
    return row.locked_at + DURATION


def latest_end() -> datetime.datetime:
    """Return when a lock that is on now has ended, whenever it began: true of every username, and so tells of none."""
    return timezone.now() + DURATION


def is_locked(*, username: str, browser: str = "") -> bool:
    """Return whether `username` is locked for this browser (for every browser that does not know it, where "")."""
    return locked_until(username=username, browser=browser) is not None


def unlock(*, user: User, by: User | None) -> bool:
    """Lift every lock of `user` and forget their wrong passwords, in every browser.

    `by` is the helpdesk's agent, or None where the person did it (recovery). Returns whether there was anything to
    lift; the event is recorded only then.
    """
    with transaction.atomic():
        lifted, _ = Lockout.objects.filter(username_digest=username_digest(user.username)).delete()
        if lifted:
            events.record(event=Event.UNLOCKED, user_id=user.pk, by=by)
    return lifted > 0


def delete_forgotten() -> int:
    """Delete the counters that no longer count, the unknown names' among them; return how many. Daily work."""
    deleted, _ = Lockout.objects.filter(last_failure_at__lte=timezone.now() - DURATION).delete()
    return deleted
