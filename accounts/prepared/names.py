"""Names in place of the values of a statement: found in what Django writes for values that are made up."""

from __future__ import annotations

import datetime
import re
import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from django.db.backends.base.base import BaseDatabaseWrapper

# A statement as Django writes it: its text, and the values that stand in it.
Written: TypeAlias = tuple[str, Sequence[Any]]


class CannotBePrepared(Exception):
    """The statement would not be the same for other values, or is of a kind that is not known here."""


class Name(str):
    """The name of a value that is put into a statement when it runs."""

    __slots__ = ()


def made_up(kinds: Mapping[str, type]) -> dict[str, Any]:
    """Return a value of its kind for each name, that no other value of a statement is."""
    return {name: _MADE_UP[kind]() for name, kind in kinds.items()}


_LONG_AGO = datetime.datetime(2001, 2, 3, tzinfo=datetime.UTC)
_MADE_UP: dict[type, Callable[[], Any]] = {
    str: lambda: secrets.token_hex(16),
    # Within what each kind of integer column holds.
    int: lambda: 1_000_000_000 + secrets.randbelow(1_000_000_000),
    datetime.datetime: lambda: _LONG_AGO + datetime.timedelta(microseconds=secrets.randbelow(10**15)),
}
# A moment as SQLite has it.
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d")


def adapted(values: Mapping[str, Any], on: BaseDatabaseWrapper) -> dict[str, Any]:
    """Return values as the database takes them."""
    adapt = on.ops.adapt_datetimefield_value
    return {name: adapt(value) if isinstance(value, datetime.datetime) else value for name, value in values.items()}


def with_names(one: Written, other: Written, *, first: Mapping[str, Any], second: Mapping[str, Any]) -> list[Any]:
    """Return the values of a statement, with names for those that change. Raises CannotBePrepared."""
    if one[0] != other[0] or len(one[1]) != len(other[1]):
        raise CannotBePrepared("its text depends on its values")
    names = {(first[name], second[name]): Name(name) for name in first}
    values = [_named(pair, names) for pair in zip(one[1], other[1], strict=True)]
    missing = set(first) - {value for value in values if isinstance(value, Name)}
    if missing:
        raise CannotBePrepared(f"not among its values: {', '.join(sorted(missing))}")
    return values


def _named(pair: tuple[Any, Any], names: Mapping[tuple[Any, Any], Name]) -> Any:
    value, again = pair
    if isinstance(value, str | int | datetime.datetime) and pair in names:
        return names[pair]
    is_moment = isinstance(value, datetime.date) or (isinstance(value, str) and _MOMENT.match(value))
    if value != again or is_moment:
        raise CannotBePrepared(f"a value is frozen into it: {value!r}")
    return value
