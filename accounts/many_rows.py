"""Many new rows of one table at once.

On PostgreSQL by COPY, which takes the rows of an import in a fraction of the time in which Django makes objects of
facts and parameters of objects. By INSERT on SQLite, and where the rows are few.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.db.models import NOT_PROVIDED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import Field, Model

# COPY takes three statements, one INSERT of so many rows no longer than those.
FEW = 50


def insert(*, model: type[Model], columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[int]:
    """Add rows to the table of `model`, all or none; return their primary keys, in the order of the rows.

    `columns` are the attributes that each row has a value for, as the database keeps it. The other fields have their
    default in all the rows, worked out once. What a model's `save` or a field works out from others has to be given.
    Raises what the database raises, as Django's errors.
    """
    copies = connection.vendor == "postgresql" and len(rows) > FEW
    return (_copy if copies else _create)(model, columns, rows)


def _copy(model: type[Model], columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[int]:
    others = [field for field in model._meta.concrete_fields if not _is_left_out(field, columns)]
    same = [field.get_default() for field in others]
    attributes = [field.column for field in map(_field_of(model), columns)]
    quoted = connection.ops.quote_name
    key = model._meta.pk
    names = ", ".join(map(quoted, [str(key.column), *attributes, *(str(field.column) for field in others)]))
    table = quoted(model._meta.db_table)
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        # As an INSERT does, before it draws a key: a reader that waits for lower keys waits for it (settled_events.py).
        cursor.execute(f"LOCK TABLE {table} IN ROW EXCLUSIVE MODE")
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
            [table, key.column, len(rows)],
        )
        keys = [number for (number,) in cursor.fetchall()]
        with connection.wrap_database_errors, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as to:
            for number, row in zip(keys, rows, strict=True):
                to.write_row((number, *row, *same))
    return keys


def _create(model: type[Model], columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[int]:
    made = [model(**dict(zip(columns, row, strict=True))) for row in rows]
    return [row.pk for row in model._base_manager.bulk_create(made)]


def _field_of(model: type[Model]) -> Any:
    by_attribute = {field.attname: field for field in model._meta.concrete_fields}
    return by_attribute.__getitem__


def _is_left_out(field: Field[Any, Any], columns: Sequence[str]) -> bool:
    """Return whether the rows have a value for a field, or the database has one of its own: its default, or NULL."""
    if field.primary_key or field.attname in columns:
        return True
    return not field.has_default() and (field.null or field.db_default is not NOT_PROVIDED)
