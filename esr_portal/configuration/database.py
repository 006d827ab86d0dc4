"""Where the data is: DATABASE_URL, and libpq's own PGHOST, PGHOSTADDR and PGSSLMODE where that leaves them out."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

from esr_portal.configuration import hosts

if TYPE_CHECKING:
    from esr_portal.configuration.faults import Variables

SQLITE = "django.db.backends.sqlite3"
POSTGRESQL = "django.db.backends.postgresql"
_SCHEMES = {"sqlite": SQLITE} | dict.fromkeys(("postgres", "postgresql", "psql", "pgsql"), POSTGRESQL)
# Holds nothing and outlives nothing: what a process has whose DATABASE_URL is at fault.
NOWHERE = {"ENGINE": SQLITE, "NAME": ":memory:"}
_EXAMPLE = "Put an address like postgres://user:password@db.example.nhs.uk:5432/esr?sslmode=verify-full there."
_ESCAPES = "Write /, ?, #, @ and : in a password as %2F, %3F, %23, %40 and %3A."
# PostgreSQL, libpq, 32.19 "SSL Support": what goes back to plain text is not among them. "disable" is the explicit
# word for a network between that is safe.
_SAFE_MODES = frozenset({"require", "verify-ca", "verify-full", "disable"})
_MODES = _SAFE_MODES | {"allow", "prefer", ""}
# Django's own, which libpq does not know (django.db.backends.postgresql). Its `pool` is ruled out by CONN_MAX_AGE and
# is a word of ours here, and `isolation_level` cannot be said in a text.
_OF_DJANGO = frozenset({"assume_role", "server_side_binding", "service"})
# Without AUTOCOMMIT nothing is ever kept; in ATOMIC_REQUESTS a page that refuses takes back what it counted.
_TRANSACTIONS = ("ATOMIC_REQUESTS", "AUTOCOMMIT")
# What `?pool=` says: a pooler is between, which may give each transaction to another of its connections.
TRANSACTION = "transaction"
# They would be said once a connection, to one of the pooler's that the next transaction need not have.
_NOT_POOLED = ("assume_role", "options")
# libpq finds out only when it connects (PostgreSQL, libpq, 32.1.2).
_WHOLE_NUMBERS = ("connect_timeout", "keepalives", "keepalives_count", "keepalives_idle", "keepalives_interval")
# What each connection begins with.
_OF_SQLITE = {
    # A transaction takes the write lock when it begins; otherwise two that read first deadlock on writing.
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    # FULL: a committed mail or password survives a power cut.
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
}
# TCP gives up a host that is gone after ten seconds, or 45 of silence.
_OF_POSTGRESQL = {
    "connect_timeout": 5,
    "tcp_user_timeout": 10_000,
    "keepalives_idle": 30,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}


def read(variables: Variables, *, demo: bool, file: Path) -> dict[str, Any]:
    """Return Django's settings of the database. `file` is SQLite's, where DATABASE_URL is not set."""
    url = variables.text("DATABASE_URL")
    if not url:
        if not demo:
            what = "DATABASE_URL is not set: the data is in an SQLite file of this machine, which no other can use."
            put = "Where one machine is meant, say so: DATABASE_URL=sqlite:////var/lib/esr-portal/esr-portal.sqlite3."
            variables.warn("W002", what, f"{_EXAMPLE} {put}")
        return {"ENGINE": SQLITE, "NAME": str(file)}
    database = _parse(url)
    if database is None:
        variables.fault("E052", "DATABASE_URL cannot be read.", f"{_EXAMPLE} {_ESCAPES}")
        return dict(NOWHERE)
    is_sqlite = database["ENGINE"] == SQLITE
    problem = _problem(database, file.parent)
    if problem:
        variables.fault("E052", f"DATABASE_URL {problem}.", _EXAMPLE)
        return dict(NOWHERE)
    if "pool" in database.get("OPTIONS", {}):
        _go_through_pooler(database)
    if not demo and not is_sqlite and not _is_safe_on_the_way(database, variables):
        what = "DATABASE_URL is another machine's without TLS: what people type and are can be read on the way."
        put = "Add ?sslmode=verify-full (or require); or ?sslmode=disable where the network between is safe."
        variables.fault("E053", what, put)
    if not is_sqlite:
        _look_at_port(variables)
    return database


def connected(database: dict[str, Any]) -> dict[str, Any]:
    """Return Django's settings of the database with how its connections are kept and begin.

    How long each part of one may take is said here where DATABASE_URL does not. What a page may ask is in
    esr_portal/connections.py.
    """
    if database["ENGINE"] == SQLITE:
        # A thread keeps the file open: opening it anew for each request took 1.8 ms of each (bench/in_process.py).
        return {**database, "CONN_MAX_AGE": None, "OPTIONS": dict(_OF_SQLITE)}
    options = {**_OF_POSTGRESQL, **database.get("OPTIONS", {})}
    return {**database, "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True, "OPTIONS": options}


def _parse(url: str) -> dict[str, Any] | None:
    """Return what an address says of a database, or None where it cannot be read.

    What parsers say of an address quotes it, password and all, so it goes no further.
    """
    scheme, _, rest = url.partition(":")
    engine = _SCHEMES.get(scheme.lower())
    if engine is None:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            read: dict[str, Any] = environ.Env.db_url_config(f"{scheme.lower()}:{rest}", engine=engine)
        parts = urlsplit(url)
    except (ValueError, ImproperlyConfigured):
        return None
    # A password with #, ? or / in it ends the host before its time.
    has_remains = engine == POSTGRESQL and ("@" in parts.path or "@" in parts.query)
    return None if parts.fragment or has_remains or "\0" in read["NAME"] else read


def _problem(database: dict[str, Any], state_dir: Path) -> str:
    """Return why a database cannot be used, in a few words, or ""."""
    if any(name in database for name in _TRANSACTIONS):
        return "has a parameter that changes when data is kept, which the portal's own transactions say"
    if not isinstance(database.get("CONN_MAX_AGE", 0), int):
        return "has a parameter with a word where a whole number belongs"
    is_sqlite = database["ENGINE"] == SQLITE
    if is_sqlite and "pool" in database.get("OPTIONS", {}):
        return "has a pool, and no pooler can be before SQLite's file"
    if is_sqlite:
        return _problem_of_sqlite(database, state_dir)
    return _problem_of_pooler(database.get("OPTIONS", {})) or _problem_of_postgresql(database)


def _problem_of_sqlite(database: dict[str, Any], state_dir: Path) -> str:
    if database["NAME"] in {"", ":memory:"}:
        return "names no file, so that each process would have data of its own"
    if database["HOST"]:
        return "names a host before SQLite's file: write three slashes, and four where the path begins at the root"
    if os.path.isdir(database["NAME"]):  # noqa: PTH112 (raises nothing)
        return "names a folder in place of SQLite's file"
    folder = Path(database["NAME"]).absolute().parent
    # The state folder is made where it is missing.
    return "" if folder == state_dir or folder.is_dir() else "names a folder that is not there"


def _problem_of_postgresql(database: dict[str, Any]) -> str:
    import psycopg
    from psycopg.conninfo import make_conninfo

    options = database.get("OPTIONS", {})
    if not database["NAME"] and "service" not in options:
        return "names no database"
    if str(options.get("sslmode", "")) not in _MODES:
        return "has a sslmode that PostgreSQL does not know"
    try:
        make_conninfo(**{name: value for name, value in options.items() if name not in {*_OF_DJANGO, "pool"}})
    except psycopg.Error:
        return "has a parameter that PostgreSQL does not know"
    if any(not str(options.get(name, 0)).isdecimal() for name in _WHOLE_NUMBERS):
        return "has a parameter with a word where a whole number belongs"
    return ""


def _problem_of_pooler(options: dict[str, Any]) -> str:
    if "pool" not in options:
        return ""
    if options["pool"] != TRANSACTION:
        return "has a pool that is not known here: pool=transaction says that a pooler like pgbouncer is between"
    if any(name in options for name in _NOT_POOLED):
        return "has a parameter that does not last from one transaction to the next of a pool"
    return ""


def _go_through_pooler(database: dict[str, Any]) -> None:
    """Ask nothing of a connection that outlives a transaction. `POOLED` is for esr_portal/connections.py.

    A cursor of the server's that is read outside of a transaction would be gone with the first answer. psycopg prepares
    no statement on the server, because Django tells it so.
    """
    del database["OPTIONS"]["pool"]
    database |= {"POOLED": True, "DISABLE_SERVER_SIDE_CURSORS": True}


def _look_at_port(variables: Variables) -> None:
    if not variables.text("PGPORT", "5432").isdecimal():
        variables.fault("E052", "PGPORT is no port.", "Leave it out, and put the port into DATABASE_URL.")


def _is_safe_on_the_way(database: dict[str, Any], variables: Variables) -> bool:
    """Return whether a PostgreSQL is on this machine, or its connection has TLS, or is allowed to have none."""
    options = database.get("OPTIONS", {})
    mode = options.get("sslmode") or variables.text("PGSSLMODE")
    return mode in _SAFE_MODES or all(_is_local(host) for host in _hosts(database, variables))


def _hosts(database: dict[str, Any], variables: Variables) -> list[str]:
    """Return where libpq looks for the server. The file of services names a host that is not known here: "?"."""
    options = database.get("OPTIONS", {})
    named = [options.get("hostaddr"), options.get("host"), database["HOST"]]
    if options.get("service") or variables.text("PGSERVICE"):
        named.append("?")
    named += [variables.text("PGHOSTADDR"), variables.text("PGHOST")]
    return next((str(name) for name in named if name), "").split(",")


def _is_local(host: str) -> bool:
    """Return whether a host is this machine: a socket's folder, an abstract socket, or a name or address of it."""
    return not host or host.startswith(("/", "@")) or hosts.is_this_machine(host)
