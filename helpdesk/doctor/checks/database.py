"""Whether the database answers, takes writing, and is spoken to over TLS where a network is between."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import DatabaseError, connection

from helpdesk.doctor.findings import advice, failure, good
from hub.services import readiness

if TYPE_CHECKING:
    from collections.abc import Iterator

    from helpdesk.doctor.findings import Finding


AWAY = "The database does not answer: no page works."


def check() -> Iterator[Finding]:
    """Yield what can be said of the connection."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        yield away()
        return
    if connection.vendor != "postgresql":
        if not settings.DEMO:
            yield advice(
                "The data is in an SQLite file, which one machine alone can use.",
                "Name a PostgreSQL in DATABASE_URL where more than one organisation is served.",
            )
        else:
            yield good("The database answers.")
        return
    if readiness.database_takes_no_writing():
        yield failure(
            "The database takes no writing: it is a standby, or read-only.",
            "Name the primary in DATABASE_URL, or make this one writable: nobody can log in.",
        )
    yield from _on_the_way()


def away() -> Finding:
    """Return that it does not answer. What libpq says of it may quote a password, so it is not repeated."""
    return failure(
        AWAY,
        "See whether the server runs, and lets this machine in (pg_hba.conf); and look at host, port, user, password "
        "and TLS in DATABASE_URL. manage.py migrate --check says what the server says.",
    )


def _on_the_way() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
        over_tls, version = cursor.fetchone() or (False, None)
        cursor.execute("SELECT inet_server_addr(), current_setting('server_version')")
        address, release = cursor.fetchone()
    if over_tls:
        yield good(f"PostgreSQL {release} answers, over {version}.")
    elif address is None or ipaddress.ip_interface(str(address)).ip.is_loopback:
        yield good(f"PostgreSQL {release} answers, on this machine.")
    else:
        yield failure(
            f"PostgreSQL {release} answers without TLS: what people type and are can be read on the way.",
            "Put ?sslmode=verify-full into DATABASE_URL, and a certificate on the server.",
        )
