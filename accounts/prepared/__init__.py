"""Statements of the hot path, compiled once a process: the ORM writes them, and from then on only values change.

Putting an SQL statement together takes Django several times as long as a database takes to answer it. A statement here
is written as any other, with names in place of values, and gives the same rows:

    _of = prepared.Select(lambda pk: User.objects.filter(pk=pk), pk=int)
    user = _of.first(pk=7)

Django compiles it with made-up values, twice. A name that is not found among the values of the statement, a value that
differs between the two, and a moment that is none of the names are refused at the first use: they would be frozen into
the statement, right once and wrong from then on. A lookup that depends on its value (None, an empty list) cannot be
prepared. docs/decisions/0046-prepared-statements.md says what it is for.

Private parts of Django's compiler are touched here alone.
"""

from accounts.prepared.names import CannotBePrepared
from accounts.prepared.statements import Delete, Select, Update, insert

__all__ = ["CannotBePrepared", "Delete", "Select", "Update", "insert"]
