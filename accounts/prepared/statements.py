"""The statements: a query, a DELETE, an UPDATE, and the INSERT of one row."""

from __future__ import annotations

import abc
import dataclasses
import functools
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from django.core.exceptions import FullResultSet
from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.models import sql
from django.db.models.signals import post_save, pre_save

from accounts.prepared import rows
from accounts.prepared.names import CannotBePrepared, Name, Written, adapted, made_up, with_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from django.db.backends.base.base import BaseDatabaseWrapper

Row = TypeVar("Row")
Model = TypeVar("Model", bound=models.Model)


@dataclasses.dataclass(frozen=True, slots=True)
class _Compiled:
    """A statement with its values, of which those that change are names; and what makes objects of its rows."""

    sql: str
    values: Sequence[Any]
    read: Callable[[Iterable[Sequence[Any]], BaseDatabaseWrapper], list[Any]] | None = None

    def values_for(self, given: Mapping[str, Any]) -> list[Any]:
        return [given[value] if isinstance(value, Name) else value for value in self.values]


class _Statement(abc.ABC):
    """What all statements share: they are built with made-up values of the kinds that `kinds` names."""

    def __init__(self, kinds: Mapping[str, type]) -> None:
        self._kinds = kinds
        self._compiled: dict[str, _Compiled] = {}

    def compiled(self, on: BaseDatabaseWrapper) -> _Compiled:
        """Return the statement for this kind of database. Raises CannotBePrepared."""
        found = self._compiled.get(on.vendor)
        if found is None:
            found = self._compiled[on.vendor] = self._compile(on)
        return found

    def _compile(self, on: BaseDatabaseWrapper) -> _Compiled:
        first, second = (made_up(self._kinds) for _ in range(2))
        one, compiler = self._written(first)
        other, _ = self._written(second)
        values = with_names(one, other, first=adapted(first, on), second=adapted(second, on))
        return _Compiled(sql=one[0], values=values, read=self._reader(compiler))

    def _written(self, values: Mapping[str, Any]) -> tuple[Written, Any]:
        """Return what Django makes of the statement with `values`: text and parameters, and its compiler."""
        compiler = self._query(values).get_compiler(DEFAULT_DB_ALIAS)
        try:
            text, parameters = compiler.as_sql()
        except FullResultSet as error:
            raise CannotBePrepared from error
        return (text, tuple(parameters)), compiler

    @abc.abstractmethod
    def _query(self, values: Mapping[str, Any]) -> sql.Query: ...

    def _reader(self, compiler: Any) -> Callable[..., list[Any]] | None:
        return None

    def _execute(self, on: BaseDatabaseWrapper, cursor: Any, given: Mapping[str, Any]) -> _Compiled:
        compiled = self.compiled(on)
        cursor.execute(compiled.sql, compiled.values_for(adapted(given, on)))
        return compiled


class Select(_Statement, Generic[Row]):
    """A query: `build` returns it, and takes the values that `kinds` names (str, int or datetime.datetime)."""

    def __init__(self, build: Callable[..., models.QuerySet[Any, Row]], **kinds: type) -> None:
        super().__init__(kinds)
        self._build = build

    def all(self, **values: Any) -> list[Row]:
        """Return the rows for these values."""
        on = _here()
        with on.cursor() as cursor:
            compiled = self._execute(on, cursor, values)
            found = cursor.fetchall()
        return cast("Callable[..., list[Row]]", compiled.read)(found, on)

    def first(self, **values: Any) -> Row | None:
        """Return the first row for these values, or None. A query that may find many says how many it wants."""
        found = self.all(**values)
        return found[0] if found else None

    def _query(self, values: Mapping[str, Any]) -> sql.Query:
        queryset = self._build(**values)
        if queryset._prefetch_related_lookups or queryset._known_related_objects:  # type: ignore[attr-defined]
            raise CannotBePrepared("it takes more than one statement")
        return queryset.query

    def _reader(self, compiler: Any) -> Callable[..., list[Any]]:
        values = made_up(self._kinds)
        return rows.reader(compiler, kind=self._build(**values)._iterable_class)


class _Write(_Statement):
    """A statement that changes rows and gives none."""

    def run(self, **values: Any) -> int:
        """Change the rows for these values; return how many."""
        on = _here()
        with on.cursor() as cursor:
            self._execute(on, cursor, values)
            return int(cursor.rowcount)


class Delete(_Write):
    """A DELETE of the rows of a query, without those that refer to them: for models that no other row refers to."""

    def __init__(self, build: Callable[..., models.QuerySet[Any]], **kinds: type) -> None:
        super().__init__(kinds)
        self._build = build

    def _query(self, values: Mapping[str, Any]) -> sql.Query:
        query = self._build(**values).query.clone()
        query.__class__ = sql.DeleteQuery
        return query


class Update(_Write):
    """An UPDATE of the rows of a query: `build` returns it, and what to set in them (which may be values too)."""

    def __init__(self, build: Callable[..., tuple[models.QuerySet[Any], Mapping[str, Any]]], **kinds: type) -> None:
        super().__init__(kinds)
        self._build = build

    def _query(self, values: Mapping[str, Any]) -> sql.Query:
        queryset, wanted = self._build(**values)
        query: Any = queryset.order_by().query.chain(sql.UpdateQuery)
        query.add_update_values(wanted)
        query.clear_select_clause()
        return cast("sql.Query", query)


def insert(row: Model) -> Model:
    """Store a new row as its `save` would, in one statement; return it with its primary key.

    Raises CannotBePrepared for a model whose saving is listened to: nothing would be heard.
    """
    on, model = _here(), type(row)
    fields = _insert_fields(model)
    values = [field.get_db_prep_save(field.pre_save(row, add=True), on) for field in fields]
    key = (model, on.vendor)
    text = _inserts.get(key)
    if text is None:
        text = _inserts[key] = _insert_of(model, fields)
    with on.cursor() as cursor:
        cursor.execute(text, values)
        if model._meta.pk not in fields:
            row.pk = cursor.fetchone()[0]
    row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS
    return row


_inserts: dict[tuple[type[models.Model], str], str] = {}


def _here() -> BaseDatabaseWrapper:
    """Return this thread's connection. Django's `connection` looks it up anew for each of its attributes."""
    return connections[DEFAULT_DB_ALIAS]


@functools.cache
def _insert_fields(model: type[models.Model]) -> list[models.Field[Any, Any]]:
    made_by_the_database = [model._meta.pk] if isinstance(model._meta.pk, models.AutoField) else []
    return [field for field in model._meta.local_concrete_fields if field not in made_by_the_database]


def _insert_of(model: type[models.Model], fields: Sequence[models.Field[Any, Any]]) -> str:
    if model._meta.parents or any(signal.has_listeners(model) for signal in (pre_save, post_save)):
        raise CannotBePrepared(model.__name__)
    query = sql.InsertQuery(model)
    query.insert_values(fields, [model()])
    compiler = query.get_compiler(DEFAULT_DB_ALIAS)
    compiler.returning_fields = [] if model._meta.pk in fields else [model._meta.pk]
    [(text, _)] = compiler.as_sql()
    return cast("str", text)
