"""Whether this server can do its work, for load balancers."""

from functools import lru_cache

from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from accounts import clocks


def what_is_missing() -> str:
    """Return what keeps this server from working, in words, or "" where nothing does.

    Costs two queries, one on SQLite: the migrations of the code are read once a process.
    """
    try:
        applied = _recorder().applied_migrations().keys()
        clocks_disagree = clocks.disagreement()
    except DatabaseError:
        return "the database cannot be reached"
    if _migrations_of_the_code() - applied:
        return "database migrations have not been applied"
    return clocks_disagree


@lru_cache
def _recorder() -> MigrationRecorder:
    """Return the one recorder of this process: it asks once whether its table is there, and then no more."""
    return MigrationRecorder(connection)


@lru_cache
def _migrations_of_the_code() -> frozenset[tuple[str, str]]:
    """Return the migrations that the installed code comes with."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    return frozenset(key for key in loader.graph.nodes)
