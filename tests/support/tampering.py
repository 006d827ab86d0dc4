"""What an attacker does who has the whole database: no trigger stops a superuser."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.db import connection

if TYPE_CHECKING:
    from collections.abc import Iterator

TABLES = ("accounts_securityevent", "accounts_eventseal")


@contextmanager
def triggers_off() -> Iterator[None]:
    """Set the triggers of the events and their seals aside."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET session_replication_role = replica")
            yield
            cursor.execute("SET session_replication_role = DEFAULT")
            return
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN (%s, %s)", TABLES)
        triggers = cursor.fetchall()
        for name, _ in triggers:
            cursor.execute(f"DROP TRIGGER {connection.ops.quote_name(name)}")
        yield
        for _, made_by in triggers:
            cursor.execute(made_by)


def sql(statement: str, *values: Any) -> None:
    """Run a statement with the triggers off."""
    with triggers_off(), connection.cursor() as cursor:
        cursor.execute(statement, values)
