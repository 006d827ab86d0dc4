"""What makes of the rows of a statement what Django makes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import DEFAULT_DB_ALIAS
from django.db.models.query import ModelIterable, ValuesListIterable, get_related_populators

from accounts.prepared.names import CannotBePrepared

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from django.db.backends.base.base import BaseDatabaseWrapper


def reader(compiler: Any, *, kind: type) -> Callable[..., list[Any]]:
    """Return what makes of the rows of a statement what Django makes of them."""
    converters = list(compiler.get_converters([column[0] for column in compiler.select[: compiler.col_count]]).items())

    def converted(rows: Iterable[Sequence[Any]], on: BaseDatabaseWrapper) -> Iterable[Sequence[Any]]:
        for row in rows:
            values = list(row)
            for position, (converting, expression) in converters:
                for convert in converting:
                    values[position] = convert(values[position], expression, on)
            yield values

    if kind is ModelIterable:
        return _of_models(compiler, converted)
    if kind is ValuesListIterable:
        return lambda rows, on: [tuple(row) for row in converted(rows, on)]
    raise CannotBePrepared(kind.__name__)


def _of_models(compiler: Any, converted: Callable[..., Iterable[Sequence[Any]]]) -> Callable[..., list[Any]]:
    columns = compiler.klass_info["select_fields"]
    start, end = columns[0], columns[-1] + 1
    names = [column[0].target.attname for column in compiler.select[start:end]]
    related = get_related_populators(compiler.klass_info, compiler.select, DEFAULT_DB_ALIAS)  # type: ignore[call-arg]
    model, annotated = compiler.klass_info["model"], list(compiler.annotation_col_map.items())

    def read(rows: Iterable[Sequence[Any]], on: BaseDatabaseWrapper) -> list[Any]:
        found = []
        for row in converted(rows, on):
            made = model.from_db(DEFAULT_DB_ALIAS, names, row[start:end])
            for populator in related:
                populator.populate(row, made)
            for name, position in annotated:
                setattr(made, name, row[position])
            found.append(made)
        return found

    return read
