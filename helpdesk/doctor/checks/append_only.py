"""Whether the triggers are there and in force that let no one change a security event (decisions 26 and 54)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection

from helpdesk.doctor.findings import failure, good

if TYPE_CHECKING:
    from collections.abc import Iterator

    from helpdesk.doctor.findings import Finding

# Table and trigger, as the migrations 0002, 0011 and 0026 made them.
POSTGRESQL = frozenset(
    {("accounts_securityevent", "securityevent_append_only"), ("accounts_eventseal", "eventseal_append_only")}
)
SQLITE = frozenset(
    {
        ("accounts_securityevent", "securityevent_append_only"),
        ("accounts_securityevent", "securityevent_kept"),
        ("accounts_eventseal", "eventseal_no_update"),
        ("accounts_eventseal", "eventseal_no_delete"),
    }
)
_MEND = (
    "Find out who did it before you mend it. Then restore the trigger from the migration that made it, and run "
    "manage.py verify_events."
)


def check() -> Iterator[Finding]:
    """Yield each trigger that is missing or switched off."""
    is_postgresql = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        if is_postgresql:
            # "O" fires but where a session says that it is a replica; "A" always.
            cursor.execute(
                "SELECT tgrelid::regclass::text, tgname FROM pg_trigger "
                "WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')"
            )
        else:
            cursor.execute("SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger'")
        there = {(table.removeprefix("public."), trigger) for table, trigger in cursor.fetchall()}
    missing = (POSTGRESQL if is_postgresql else SQLITE) - there
    for table, trigger in sorted(missing):
        yield failure(f"The trigger {trigger} of {table} is missing or switched off: events can be changed.", _MEND)
    if is_postgresql and _is_a_replica():
        yield failure("Triggers are switched off for this user (session_replication_role).", _MEND)
    elif not missing:
        yield good("Security events and their seals can be added, and not changed.")


def _is_a_replica() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SHOW session_replication_role")
        return bool(cursor.fetchone()[0] == "replica")
