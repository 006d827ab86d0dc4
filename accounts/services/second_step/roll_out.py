"""The roll-out share: which of an organisation's people a setting holds for, as a number from 0 to 99 for each person.

The number follows from the person's key alone, so a larger share adds people and takes none away. It is worked out for
one person here, and by the database for all of them at once.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from django.db.models import BooleanField, Case, CharField, F, Func, IntegerField, Q, Value, When
from django.db.models.functions import Cast, Concat

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.models.sql.compiler import SQLCompiler

_BEGINS = "second step "
_HEXADECIMAL = "0123456789abcdef"


def number(user_id: int) -> int:
    """Return the number of a person, from 0 to 99: the first 64 bits of a digest of their key, modulo 100."""
    return int.from_bytes(hashlib.sha256(f"{_BEGINS}{user_id}".encode()).digest()[:8]) % 100


class Number(Func):
    """What `number` returns, for each row of a query about people."""

    output_field = IntegerField()

    def __init__(self) -> None:
        super().__init__(Concat(Value(_BEGINS), Cast("pk", CharField())))

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> Any:
        """Return the SQL. SHA256 is PostgreSQL's own, which needs no extension; its integers have a sign.

        With the first bit turned over, the integer is the number less 2**63.
        """
        text, values = compiler.compile(self.source_expressions[0])
        digest = f"encode(substring(sha256(convert_to({text}, 'UTF8')) from 1 for 8), 'hex')"
        less = f"((('x' || {digest})::bit(64)) # B'1{'0' * 63}')::bigint"
        return f"mod(mod({less}, 100) + {100 + 2**63 % 100}, 100)", values

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> Any:
        """Return the SQL, digit by digit: SQLite reads no hexadecimal. SHA256 is what Django gives to it."""
        text, values = compiler.compile(self.source_expressions[0])
        digits = [f"(instr('{_HEXADECIMAL}', substr(sha256({text}), {at}, 1)) - 1)" for at in range(1, 17)]
        parts = [f"{digit} * {pow(16, 16 - at, 100)}" for at, digit in enumerate(digits, start=1)]
        return f"(({' + '.join(parts)}) %% 100)", [*values] * len(parts)


def is_in_share() -> Case:
    """Return the condition, for a query about people, that their organisation's setting holds for them."""
    share = "organisation__second_step_share"
    return Case(
        # Most organisations take all or none: no digest is made of their people.
        When(Q(**{f"{share}__gte": 100}), then=Value(True)),
        When(Q(**{share: 0}), then=Value(False)),
        When(Q(second_step_number__lt=F(share)), then=Value(True)),
        default=Value(False),
        output_field=BooleanField(),
    )
