"""Whether this server can do its work, for load balancers, and whether workers do theirs, for monitors."""

from __future__ import annotations

import datetime
from functools import lru_cache

from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from accounts import clocks, patience
from accounts.services import heartbeats, mail_age

# Seconds for each answer of the database: then it counts as away. With the 5 seconds that a new connection may take
# (connect_timeout) a health page answers within 10, which is what load balancers wait.
PATIENCE = 3.0
AWAY = "the database cannot be reached"


def what_is_missing() -> str:
    """Return what keeps this server from working, in words, or "" where nothing does.

    Costs three short queries, one on SQLite: the migrations of the code are read once a process.
    """
    try:
        with patience.of(PATIENCE):
            applied = _recorder().applied_migrations().keys()
            cannot_write = database_takes_no_writing()
            clocks_disagree = clocks.disagreement()
    except DatabaseError:
        return AWAY
    if migrations_of_the_code() - applied:
        return "database migrations have not been applied"
    return "the database takes no writing: it is a standby, or read-only" if cannot_write else clocks_disagree


def what_is_not_done() -> list[str]:
    """Return in sentences what workers do not do, or nothing where they do it. Four short queries.

    It says nothing of a person: accounts/services/mail_age.py says why not how old the oldest mail is.
    """
    try:
        with patience.of(PATIENCE):
            seen, oldest = heartbeats.newest(), mail_age.oldest_undecided()
            decisions_fail, are_held_up = mail_age.decisions_fail(), mail_age.are_held_up()
    except DatabaseError:
        return [AWAY]
    now, found = timezone.now(), []
    if seen is None:
        found.append("no worker runs")
    elif now - seen > heartbeats.LATE_AFTER:
        found.append(f"no worker was seen at work for {_minutes(now - seen)} minutes")
    if oldest is not None and now - oldest > mail_age.HELD_UP_AFTER:
        found.append(f"the oldest recovery request has waited for {_minutes(now - oldest)} minutes")
    if decisions_fail:
        found.append("many recovery requests cannot be decided: the worker's log says why")
    if are_held_up:
        found.append("many mails are held up: does the mail server take them?")
    return found


def database_takes_no_writing() -> bool:
    """Return whether PostgreSQL is a standby, or read-only. One query, and none on SQLite. Raises DatabaseError."""
    if connection.vendor != "postgresql":
        return False
    with connection.cursor() as cursor:
        # On in a standby too, whatever the setting says (PostgreSQL, "Hot Standby").
        cursor.execute("SHOW transaction_read_only")
        return bool(cursor.fetchone()[0] == "on")


def _minutes(age: datetime.timedelta) -> int:
    return round(age.total_seconds() / 60)


@lru_cache
def _recorder() -> MigrationRecorder:
    """Return the one recorder of this process: it asks once whether its table is there, and then no more."""
    return MigrationRecorder(connection)


@lru_cache
def migrations_of_the_code() -> frozenset[tuple[str, str]]:
    """Return the migrations that the installed code comes with."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    return frozenset(key for key in loader.graph.nodes)
