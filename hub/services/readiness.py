"""Whether this server can do its work, for load balancers."""

from functools import lru_cache

from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder


def what_is_missing() -> str:
    """Return what keeps this server from working, in words, or "" where nothing does.

    Costs one query: the migrations of the code are read once a process.
    """
    try:
        applied = MigrationRecorder(connection).applied_migrations().keys()
    except DatabaseError:
        return "the database cannot be reached"
    if _migrations_of_the_code() - applied:
        return "database migrations have not been applied"
    return ""


@lru_cache
def _migrations_of_the_code() -> frozenset[tuple[str, str]]:
    """Return the migrations that the installed code comes with."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    return frozenset(key for key in loader.graph.nodes)
