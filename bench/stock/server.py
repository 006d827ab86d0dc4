"""The stock log-ins, served as the portal is, by granian, with the processes and threads that serve them best."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import portal
from bench.browser import Way

ALLAUTH = Way(form="/allauth/log-in/", username="login", landing="/landing/")
DJANGO = Way(form="/django/log-in/", username="username", landing="/landing/")
_GIBIBYTE = str(1 << 30)


@contextmanager
def server(kind: str) -> Iterator[portal.Server]:
    """Fill a database of our own of this `kind`, and serve the stock log-ins on it until the block ends.

    `bench.portal.database` has set up the database server.
    """
    with _database(kind) as address:
        environment = {
            **os.environ,
            "DATABASE_URL": address,
            "DJANGO_SETTINGS_MODULE": "bench.stock.settings",
            # The hash keeps its memory, as the portal's does: without this it takes half as long again.
            "MALLOC_MMAP_THRESHOLD_": _GIBIBYTE,
            "MALLOC_TRIM_THRESHOLD_": _GIBIBYTE,
        }
        subprocess.run([sys.executable, "-m", "bench.stock.fill"], cwd=portal.ROOT, env=environment, check=True)
        from esr_portal.server import OPTIONS

        port = portal.free_port()
        options = {f"GRANIAN_{name}": value for name, value in OPTIONS.items()}
        # What they do beside the hash takes Python, which runs one thread at a time in a process.
        options |= {"GRANIAN_WORKERS": str(os.cpu_count() or 1), "GRANIAN_BLOCKING_THREADS": "32"}
        environment |= {**options, "GRANIAN_HOST": "127.0.0.1", "GRANIAN_PORT": str(port)}
        arguments = ["-m", "granian", "bench.stock.wsgi:application"]
        with portal.running(arguments, port=port, environment=environment, ready=DJANGO.form) as started:
            yield started


@contextmanager
def _database(kind: str) -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{Path(os.environ['STATE_DIR']) / 'stock.sqlite3'}"
        return
    with portal.new_database(f"bench_stock_{os.getpid()}", beside=os.environ["DATABASE_URL"]) as address:
        yield address
