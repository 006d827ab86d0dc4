"""Whether the portal's user of PostgreSQL may do what it needs, and no more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.apps import apps
from django.db import connection

from helpdesk.doctor.findings import advice, failure, good, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from helpdesk.doctor.findings import Finding

# What a user of PostgreSQL may do beyond its own database, by the column of pg_roles.
_TOO_MUCH = {
    "rolsuper": "is a superuser",
    "rolcreaterole": "may make users",
    "rolcreatedb": "may make databases",
    "rolreplication": "may copy the whole server",
    "rolbypassrls": "may read past row security",
}
_NEEDED = ("SELECT", "INSERT", "UPDATE", "DELETE")
# Roles that PostgreSQL brings: whoever holds one reads or runs what is not the portal's.
_DANGEROUS = ("pg_read_server_files", "pg_write_server_files", "pg_execute_server_program", "pg_write_all_data")


def check() -> Iterator[Finding]:
    """Yield what the user may do too much and too little."""
    if connection.vendor != "postgresql":
        yield good("SQLite has no users: its file's owner may do everything, and nobody else anything.")
        return
    found = [*_too_much(), *_too_little(), *_others()]
    yield from found or [good("The database's user may do what it needs, and nothing beyond its database.")]


def _too_much() -> Iterator[Finding]:
    columns = ", ".join(_TOO_MUCH)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM pg_roles WHERE rolname = current_user")  # noqa: S608 (our own names)
        flags = cursor.fetchone()
        cursor.execute(
            "SELECT rolname FROM pg_roles WHERE rolname = ANY(%s) AND pg_has_role(current_user, oid, 'MEMBER')",
            [list(_DANGEROUS)],
        )
        roles = [] if flags[0] else [name for (name,) in cursor.fetchall()]
    for (column, words), has_it in zip(_TOO_MUCH.items(), flags, strict=True):
        if has_it:
            without = f"NO{column.removeprefix('rol').upper().replace('SUPER', 'SUPERUSER')}"
            yield warning(
                f"The database's user {words}: who takes over the portal takes over the server of the database.",
                f"As the server's administrator: ALTER ROLE of that user with {without}.",
            )
    for name in roles:
        yield warning(
            f"The database's user is a member of {name}.", f"As the server's administrator: REVOKE {name} from it."
        )


def _too_little() -> Iterator[Finding]:
    tables = sorted({model._meta.db_table for model in apps.get_models() if model._meta.managed})
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, privilege FROM unnest(%s::text[]) AS name, unnest(%s::text[]) AS privilege "
            "WHERE to_regclass(name) IS NOT NULL AND NOT has_table_privilege(name, privilege) ORDER BY name, privilege",
            [tables, list(_NEEDED)],
        )
        missing: dict[str, list[str]] = {}
        for name, privilege in cursor.fetchall():
            missing.setdefault(name, []).append(privilege)
        cursor.execute(
            "SELECT sequencename FROM pg_sequences WHERE schemaname = current_schema() "
            "AND NOT has_sequence_privilege(quote_ident(sequencename), 'USAGE')"
        )
        sequences = [name for (name,) in cursor.fetchall()]
    for name, privileges in missing.items():
        yield failure(
            f"The database's user may not {', '.join(privileges)} in {name}.",
            f"As the table's owner: GRANT {', '.join(privileges)} ON {name} to it.",
        )
    for name in sequences:
        yield failure(f"The database's user may not use {name}.", f"As its owner: GRANT USAGE ON {name} to it.")


def _others() -> Iterator[Finding]:
    """Yield where any user of the server may put tables beside ours, or read them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_class AS c, aclexplode(c.relacl) AS right_of "
            "WHERE right_of.grantee = 0 AND c.relnamespace = to_regnamespace(current_schema()) AND c.relkind = 'r'"
        )
        open_tables = cursor.fetchone()[0]
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_namespace AS n, aclexplode(n.nspacl) AS right_of WHERE right_of.grantee = 0 "
            "AND right_of.privilege_type = 'CREATE' AND n.nspname = current_schema())"
        )
        open_schema = cursor.fetchone()[0]
    if open_tables:
        yield failure(
            f"Every user of the database's server has rights in tables of the portal ({open_tables}).",
            "As their owner: REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC.",
        )
    if open_schema:
        yield advice(
            "Every user of the database may put tables beside the portal's.",
            "As the database's owner: REVOKE CREATE ON SCHEMA public FROM PUBLIC.",
        )
