"""The databases of a run: migrated once, copied for each process of pytest, emptied after each test that commits."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import shutil
import sqlite3
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit, urlunsplit

import psycopg
from django.apps import apps
from django.conf import settings
from django.core.management.color import no_style
from django.db import connection, transaction
from psycopg import sql

from tests import environment
from tests.environment import once_a_run, template_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOT = Path(__file__).resolve().parents[2]
# The migrated database of SQLite, for the next run.
KEPT = ROOT / ".pytest_cache" / "database"
# What the migrations themselves have written: it is the same for each test.
WRITTEN_BY_MIGRATIONS = {"django_content_type", "auth_permission"}
# No young row of them can be deleted. No table refers to them, so that they can be truncated by themselves.
APPEND_ONLY = frozenset({"accounts_securityevent", "accounts_eventseal"})


def is_sqlite() -> bool:
    """Return whether the tests run on SQLite."""
    return bool(settings.DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3")


def give_this_process_its_own() -> None:
    """Tell Django to make the test database of this process from the run's migrated one.

    On SQLite it is a file, which is there when this returns: threads and processes cannot share a database in memory.
    """
    test = settings.DATABASES["default"].setdefault("TEST", {})
    name = f"test_esr_portal_{os.getpid()}"
    if is_sqlite():
        file = Path(os.environ["STATE_DIR"]) / f"{name}.sqlite3"
        migrated = once_a_run("database", lambda folder: _kept_or_migrated(test, folder / "migrated.sqlite3"))
        shutil.copyfile(migrated / "migrated.sqlite3", file)
        name = str(file)
    else:
        once_a_run("database", lambda _: _migrate(test, template_name()))
        test["TEMPLATE"] = template_name()
    test["NAME"] = name


@contextlib.contextmanager
def beside(name: str) -> Iterator[None]:
    """Let this process work for a while on a database without tables, beside its own."""
    ours, creation = connection.settings_dict["NAME"], cast("Any", connection.creation)
    own = f"test_esr_portal_{os.getpid()}_{name}"
    if is_sqlite():
        own = str(Path(os.environ["STATE_DIR"]) / f"{own}.sqlite3")
    else:
        with creation._nodb_cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {connection.ops.quote_name(own)}")
    _turn_to(own)
    try:
        yield
    finally:
        _turn_to(ours)
        if is_sqlite():
            Path(own).unlink()
        else:
            drop(creation, own, 0)


def _turn_to(name: str) -> None:
    """Let the connection of this thread be to another database, from its next query."""
    connection.close()
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name


def drop(creation: Any, name: str, verbosity: int) -> None:
    """Drop a database of PostgreSQL as Django does, whatever is still connected: the last thread of a server, say."""
    with creation._nodb_cursor() as cursor:
        cursor.execute(f"DROP DATABASE {creation.connection.ops.quote_name(name)} WITH (FORCE)")


def _kept_or_migrated(test: dict[str, Any], file: Path) -> None:
    """Write a migrated database of SQLite: the one of the run before, unless something of the portal has changed since.

    To migrate takes four seconds, in which the other processes of a run wait.
    """
    kept = KEPT / f"{_version()}.sqlite3"
    with contextlib.suppress(FileNotFoundError):
        shutil.copyfile(kept, file)
        return
    _migrate(test, str(file))
    KEPT.mkdir(parents=True, exist_ok=True)
    # Another run may be doing the same: each has its own until it is whole.
    for former in set(KEPT.glob("*.sqlite3")) - {kept}:
        former.unlink(missing_ok=True)
    unfinished = KEPT / f"{os.getpid()}.unfinished"
    shutil.copyfile(file, unfinished)
    unfinished.rename(kept)


def _version() -> str:
    """Return what the tables follow from, as a digest: the portal's code, its libraries, and what runs them."""
    ours = [path for app in apps.get_app_configs() if ROOT in (path := Path(app.path)).parents]
    code = [file for folder in (*ours, ROOT / "esr_portal") for file in folder.rglob("*.py")]
    digest = hashlib.sha256(f"{sys.version} {sqlite3.sqlite_version}".encode())
    for file in sorted({*code, Path(__file__), Path(environment.__file__), ROOT / "uv.lock"}):
        digest.update(f"{file.relative_to(ROOT)}\0".encode() + file.read_bytes() + b"\0")
    return digest.hexdigest()


def _migrate(test: dict[str, Any], name: str) -> None:
    """Make a database of this name as Django makes one for tests."""
    ours = connection.settings_dict["NAME"]
    test["NAME"] = name
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    # PostgreSQL copies no database that has a connection; the last one of SQLite leaves all in one file.
    _turn_to(ours)


@contextlib.contextmanager
def another() -> Iterator[str]:
    """Make a migrated database for a portal in processes of its own until the block ends; yield its address.

    The fixture `django_db_setup` has migrated the one that it is a copy of.
    """
    name = f"test_esr_portal_{secrets.token_hex(4)}"
    if is_sqlite():
        file = Path(os.environ["STATE_DIR"]) / f"{name}.sqlite3"
        shutil.copyfile(once_a_run("database", lambda _: None) / "migrated.sqlite3", file)
        yield f"sqlite:///{file}"
        return
    scheme, server, _, *rest = urlsplit(os.environ["DATABASE_URL"])
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as maintenance:
        made, template = sql.Identifier(name), sql.Identifier(template_name())
        maintenance.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(made, template))
        try:
            yield urlunsplit((scheme, server, f"/{name}", *rest))
        finally:
            maintenance.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(made))


def empty() -> None:
    """Delete every row that a test has committed. Tables without rows cost nothing, unlike in Django's own `flush`."""
    tables = sorted(set(connection.introspection.django_table_names()) - WRITTEN_BY_MIGRATIONS)
    with transaction.atomic(), connection.cursor() as cursor:
        filled = _filled(cursor, tables)
        with _without_triggers(cursor) if APPEND_ONLY & filled and is_sqlite() else contextlib.nullcontext():
            for statement in _emptying(filled):
                cursor.execute(statement)


@contextlib.contextmanager
def _without_triggers(cursor: Any) -> Iterator[None]:
    """Set aside SQLite's triggers on APPEND_ONLY: it empties a table by deleting its rows, which they refuse."""
    cursor.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN (%s, %s)", sorted(APPEND_ONLY)
    )
    triggers = cursor.fetchall()
    for name, _ in triggers:
        cursor.execute(f"DROP TRIGGER {connection.ops.quote_name(name)}")
    yield
    for _, made_by in triggers:
        cursor.execute(made_by)


def _filled(cursor: Any, tables: Iterable[str]) -> set[str]:
    quote = connection.ops.quote_name
    asked = (f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {quote(table)})" for table in tables)  # noqa: S608
    cursor.execute(" UNION ALL ".join(asked))
    return {name for (name,) in cursor.fetchall()}


def _emptying(tables: set[str]) -> list[str]:
    """Return what empties the tables, in any order: references between rows are checked at the end of a transaction."""
    quote = connection.ops.quote_name
    truncated = connection.ops.sql_flush(no_style(), sorted(tables & APPEND_ONLY))
    return [*truncated, *(f"DELETE FROM {quote(table)}" for table in sorted(tables - APPEND_ONLY))]  # noqa: S608


def database_url() -> str:
    """Return the address of this test's database, which is beside the one of the run."""
    name = connection.settings_dict["NAME"]
    if is_sqlite():
        return f"sqlite:///{name}"
    scheme, server, _, *rest = urlsplit(os.environ["DATABASE_URL"])
    return urlunsplit((scheme, server, f"/{name}", *rest))
