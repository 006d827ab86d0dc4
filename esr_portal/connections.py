"""What holds for each connection to the database: who can read SQLite's file, and how long a page waits for PostgreSQL.

A thread that waits for the database answers no page. PostgreSQL itself ends a statement that takes too long and one
that waits for a lock (statement_timeout, lock_timeout); where the server hangs, psycopg stops waiting for its answer.
Commands and the worker wait as long as it takes: a migration of two million rows is no fault.
"""

from __future__ import annotations

import functools
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db import DatabaseError
from django.db.backends.signals import connection_created

from accounts import patience
from esr_portal import state

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.backends.base.base import BaseDatabaseWrapper

logger = logging.getLogger("esr_portal.database")

# Seconds. A page's slowest statement takes some tens of milliseconds.
LONGEST_STATEMENT = 10.0
LONGEST_LOCK = 5.0
# PostgreSQL ends what it still can before psycopg gives the connection up.
LONGEST_ANSWER = 15.0


def keep_file_private(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """Let no other user of the machine read an SQLite file, which SQLite makes as the umask says."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor != "sqlite" or name.startswith((":", "file:")):
        return
    try:
        state.keep_file_private(Path(name))
    except state.CannotBeKept:
        logger.warning("SQLite's file can be read by other users of this machine")


def limit_waiting(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """Let nothing that this connection asks of PostgreSQL take longer than a page may. Raises OperationalError then.

    Through a pooler PostgreSQL's part of it is the pooler's to set: a setting of ours would stay on a connection that
    the next transaction need not have, and others would find it there. See `what_a_pooler_lacks`.
    """
    if connection.vendor != "postgresql":
        return
    if not connection.settings_dict.get("POOLED"):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('statement_timeout', %s, false), set_config('lock_timeout', %s, false)",
                [f"{LONGEST_STATEMENT:.3f}s", f"{LONGEST_LOCK:.3f}s"],
            )
    psycopg_connection = connection.connection
    psycopg_connection.wait = functools.partial(_wait_no_longer, psycopg_connection, psycopg_connection.wait)


def what_a_pooler_lacks(connection: BaseDatabaseWrapper) -> str:
    """Return, in a line for the operator, what keeps pages from waiting no longer than they may, or "".

    Nothing to say where no pooler is between, or nobody answers yet. For the web server, as it starts: commands and
    workers have no limits.
    """
    if not connection.settings_dict.get("POOLED"):
        return ""
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT name, setting::bigint FROM pg_settings WHERE name IN ('statement_timeout', 'lock_timeout')"
            )
            found = {name: milliseconds / 1000 for name, milliseconds in cursor.fetchall()}
    except DatabaseError:
        return ""
    most = {"statement_timeout": LONGEST_STATEMENT, "lock_timeout": LONGEST_LOCK}
    # 0 is no limit.
    lacking = [name for name, seconds in most.items() if not 0 < found[name] <= seconds]
    if not lacking:
        return ""
    put = f"Put {_CONNECT_QUERY} beside its name in pgbouncer.ini, as deploy/pgbouncer.ini does."
    return f"Cannot start: the pool that DATABASE_URL names lets pages wait ({', '.join(lacking)}). {put}"


_CONNECT_QUERY = "connect_query='SET statement_timeout = 10000; SET lock_timeout = 5000'"


def _wait_no_longer(connection: Any, wait: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Wait for an answer as psycopg's `Connection.wait` does, and close the connection where none comes."""
    from psycopg.errors import OperationalError, QueryCanceled

    kwargs.setdefault("timeout", patience.at_most(LONGEST_ANSWER))
    try:
        return wait(*args, **kwargs)
    except QueryCanceled:
        raise
    except OperationalError:
        # In the middle of an answer: nothing more can be asked on it.
        if connection.pgconn.transaction_status == _ACTIVE:
            connection.pgconn.finish()
        raise


# libpq's PQTRANS_ACTIVE: a command is under way.
_ACTIVE = 1


def keep_files_private() -> None:
    """From now on look after the file of each connection to an SQLite."""
    connection_created.connect(keep_file_private, dispatch_uid="esr_portal.keep_file_private")


def limit_from_now_on() -> None:
    """From now on limit what each new connection to a PostgreSQL may take. For the web server."""
    connection_created.connect(limit_waiting, dispatch_uid="esr_portal.limit_waiting")
