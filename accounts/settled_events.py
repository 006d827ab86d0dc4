"""Up to which key the security events are all there: each with a lower key is committed, or never will be.

PostgreSQL gives an event its key when it is inserted, and others see it when its transaction commits: a bare "keys
after 7" misses the event 6 that commits later. A transaction that inserts locks the table before it draws a key
(ROW EXCLUSIVE, which hinders no other writer) and holds the lock until it has ended. So once every transaction that
held this lock after the highest key was read has ended, no lower key is still to come. The lowest transaction id that
is still running (pg_snapshot_xmin) would not do: a key is drawn before its transaction has an id. On SQLite writers
come one after another, and keys are in the order of commits.
"""

from __future__ import annotations

import datetime
import time

from django.db import connection

from accounts.models import SecurityEvent

# Seconds between two looks at who still holds the lock.
BETWEEN_LOOKS = 0.02
_HOLDERS = """
SELECT DISTINCT virtualtransaction FROM pg_locks
WHERE locktype = 'relation' AND mode = 'RowExclusiveLock' AND pid IS DISTINCT FROM pg_backend_pid()
AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND relation = %s::regclass
"""

_LAST_GIVEN = {
    "postgresql": "SELECT pg_sequence_last_value(pg_get_serial_sequence(%s, 'id')::regclass)",
    "sqlite": "SELECT seq FROM sqlite_sequence WHERE name = %s",
}


def newest(*, within: datetime.timedelta) -> int | None:
    """Return the highest key for which this holds, 0 without events; None where a writer goes on for longer.

    Called outside of a transaction: one that began before the writers have ended may not see what they wrote.
    """
    key = _highest()
    if connection.vendor != "postgresql":
        return key
    waited_for = _holders()
    deadline = time.monotonic() + within.total_seconds()
    while waited_for:
        if time.monotonic() >= deadline:
            return None
        time.sleep(BETWEEN_LOOKS)
        waited_for &= _holders()
    return key


def last_given() -> int:
    """Return the highest key that the database has ever given, of events that are deleted too."""
    with connection.cursor() as cursor:
        cursor.execute(_LAST_GIVEN[connection.vendor], [SecurityEvent._meta.db_table])
        row = cursor.fetchone()
    return int(row[0] or 0) if row else 0


def leave_out(*, keys: int) -> None:
    """Give none of the next `keys` keys.

    For a restored back-up: events after it had them, and another system may know those.
    """
    table = SecurityEvent._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [table, last_given() + keys])
            return
        last = last_given()
        cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])
        cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, last + keys])


def _highest() -> int:
    return SecurityEvent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def _holders() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(_HOLDERS, [SecurityEvent._meta.db_table])
        return {holder for (holder,) in cursor.fetchall()}
