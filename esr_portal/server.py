"""Start the web server: ``python -m esr_portal.server``. docs/operations.md gives the reasons and the figures.

Each option can be overruled by granian's own environment variable, as GRANIAN_WORKERS=4.
"""

from __future__ import annotations

import os
import sys

from django.conf import settings

from accounts import turns
from esr_portal.core_dumps import allow_no_dumps

OPTIONS = {
    "INTERFACE": "wsgi",
    # A process for two cores: it hashes on both, and Python runs one thread of it at a time beside that. One for each
    # core would take 90 MiB more and make two lines of one.
    "WORKERS": str(max(1, turns.CORES // 2)),
    # While most wait for their turn to hash a password, THREADS_FOR_PAGES serve pages. Fifty people who log in at once
    # all find a place. Each thread keeps a connection to the database.
    "BLOCKING_THREADS": "60",
    # A worker serves so many connections at once, idle ones too; BACKLOG more wait before its door. A crowd must be let
    # in, so that those for whom there is no turn hear of it at once.
    "BACKPRESSURE": "1024",
    "BACKLOG": "2048",
    # The proxy speaks HTTP/1.1 to us, and no page has a websocket.
    "HTTP": "1",
    "WEBSOCKETS": "false",
    # Seconds that a new worker has to load, on SIGHUP, before the one that it replaces stops: there may be no other.
    "RESPAWN_INTERVAL": "10",
    # Seconds that a request may take to end when the server is told to stop.
    "WORKERS_KILL_TIMEOUT": "10",
    "LOG_LEVEL": "warning",
}
# glibc gives threads memory of their own to allocate from, and each keeps what its busiest moment took (mallopt(3)).
# One for all is enough where Python runs one thread at a time.
ALLOCATOR = {"MALLOC_ARENA_MAX": "1"}
# Threads of a worker that never wait for a hash, however many guess.
THREADS_FOR_PAGES = 4
# How long a request waits for its turn to hash. With what comes before and after it every answer is there within two
# seconds, which is when people press the button again, also where hundreds press it at once: that takes as long as
# 0.8 s more with 600 on two cores (python -m bench.crowd).
SECONDS_FOR_A_TURN = 1.0


def environment() -> dict[str, str]:
    """Return the environment that granian reads its options from: ours, where the operator has said nothing else.

    A variable with nothing in it says nothing; granian would take its own default for it.
    """
    ours = {f"GRANIAN_{name}": value for name, value in OPTIONS.items()} | ALLOCATOR
    given = {name: value for name, value in os.environ.items() if value or name not in ours}
    return {**ours, **given, "GRANIAN_HOST": settings.HOST, "GRANIAN_PORT": str(settings.PORT)}


def limit_hashing() -> None:
    """Set how many requests of a worker hash at once, and how many wait for that: the other threads serve pages.

    In another web server, which sets neither variable, as many threads are taken for granted as here.
    """
    options = environment()
    workers, threads = (max(1, int(options[f"GRANIAN_{name}"])) for name in ("WORKERS", "BLOCKING_THREADS"))
    turns.limit(
        at_once=max(1, turns.CORES // workers),
        places=max(1, threads - min(THREADS_FOR_PAGES, threads // 2)),
        seconds=SECONDS_FOR_A_TURN,
    )


def main() -> None:
    """Become the web server. Ends with a message where the configuration is at fault, or the static files are missing.

    granian's workers look at the configuration too (esr_portal/wsgi.py), each for itself.
    """
    faults = [fault for fault in settings.CONFIGURATION_FAULTS if not fault.is_warning]
    if faults:
        sys.exit("\n".join(f"Cannot start: {fault}" for fault in faults))
    if not (settings.STATIC_ROOT / "staticfiles.json").exists():
        sys.exit("Cannot start: the static files have not been collected. Run: manage.py collectstatic --noinput")
    # granian's own process has the keys in its environment; its workers see to more themselves (esr_portal/wsgi.py).
    allow_no_dumps()
    os.chdir(settings.BASE_DIR)
    os.execve(sys.executable, [sys.executable, "-m", "granian", "esr_portal.wsgi:application"], environment())  # noqa: S606


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "esr_portal.settings")
    main()
