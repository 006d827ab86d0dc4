"""The words that people are found by, put right where a row was written without them."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

from django.db import connections, transaction

from accounts.models import User
from accounts.models.search_words import SOURCES, search_words

if TYPE_CHECKING:
    from django.db.models import QuerySet

# Rows of one transaction: another writer waits for it for some tenths of a second at most.
BATCH = 2000
_SOURCES = tuple(sorted(SOURCES))


def refold(*, people: QuerySet[Any] | None = None) -> int:
    """Write the words of those people whose words do not follow from their names; return how many there were.

    A process of the version before writes names without words, and another version of Unicode may fold differently. A
    name that changes meanwhile is left to its writer.
    """
    people = User.objects.all() if people is None else people
    rows = people.order_by("pk").values_list("pk", "search_words", *_SOURCES)
    written, last = 0, 0
    while batch := list(rows.filter(pk__gt=last)[:BATCH]):
        last = batch[-1][0]
        stale = []
        for pk, stored, *names in batch:
            wanted = search_words(**dict(zip(_SOURCES, names, strict=True)))
            if stored != wanted:
                stale.append((wanted, pk, *names))
        written += _write(people, stale) if stale else 0
    return written


def _write(people: QuerySet[Any], stale: list[tuple[Any, ...]]) -> int:
    """Write words, for rows that still have these names, in one statement: PostgreSQL plans each that it is sent."""
    connection = connections[people.db]
    quoted = connection.ops.quote_name
    table = quoted(people.model._meta.db_table)
    # Both databases call the columns of VALUES so.
    unchanged = " AND ".join(
        f"{table}.{quoted(column)} = stale.column{n}" for n, column in enumerate(("id", *_SOURCES), start=2)
    )
    row = f"({', '.join(['%s'] * len(stale[0]))})"
    update = (
        f"UPDATE {table} SET {quoted('search_words')} = stale.column1 "  # noqa: S608 (our names)
        f"FROM (VALUES {', '.join([row] * len(stale))}) AS stale WHERE {unchanged}"
    )
    with transaction.atomic(using=people.db), connection.cursor() as cursor:
        cursor.execute(update, list(chain.from_iterable(stale)))
        return int(cursor.rowcount)
