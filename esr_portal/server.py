"""Start the web server: ``python -m esr_portal.server``. docs/capacity.md gives the reasons and the figures.

Each option can be overruled by granian's own environment variable, as GRANIAN_WORKERS=4.
"""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path

import django
from django.conf import settings

from accounts import turns
from esr_portal import checks, loading, metrics_folder, process_logs
from esr_portal.core_dumps import allow_no_dumps

logger = logging.getLogger("esr_portal.metrics")

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
    # A worker that died is replaced at once, and the others go on. granian's own default ends the whole server instead,
    # requests of the other workers with it, to be started again by systemd seconds later; and where a second death came
    # meanwhile, no instance was left. One that dies again as soon as it was replaced still ends it.
    "RESPAWN_FAILED_WORKERS": "true",
    # Seconds that a new worker has to load, on SIGHUP, before the one that it replaces stops, ready or not. With ten,
    # on a machine with seven times as much to do as it has cores, requests failed after a reload; why was not looked
    # at, and this is the likely reason (python -m bench.no_downtime).
    "RESPAWN_INTERVAL": "30",
    # Seconds that a request may take to end when the server is told to stop.
    "WORKERS_KILL_TIMEOUT": "10",
    # When it starts, is loaded anew and stops, and which of its workers died; in the lines of our log.
    "LOG_LEVEL": "info",
    "LOG_CONFIG": str(Path(__file__).with_name("granian_logs.json")),
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
    if settings.DEMO:
        # Whoever tries it is told where to look, and nothing of processes.
        ours["GRANIAN_LOG_LEVEL"] = "warning"
    if settings.METRICS_NETWORKS:
        ours[metrics_folder.VARIABLE] = str(_metrics_folder())
    given = {name: value for name, value in os.environ.items() if value or name not in ours}
    given.pop(metrics_folder.VARIABLE, None)
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
    """Become the web server. Where a variable is at fault, or a step was left out, it ends with a message and 78.

    granian's workers look too (esr_portal/wsgi.py), each for itself: but that a worker ended says nothing of the reason
    to a service manager, which would start it again for ever.
    """
    django.setup()
    faults = checks.what_keeps_from_starting(warn=False)
    if not faults and not (settings.STATIC_ROOT / "staticfiles.json").exists():
        faults = ["Cannot start: the static files have not been collected. Run: manage.py collectstatic --noinput"]
    if faults:
        process_logs.say("\n".join(faults))
        sys.exit(os.EX_CONFIG)
    if settings.METRICS_NETWORKS:
        try:
            metrics_folder.make_empty(_metrics_folder())
        except OSError:
            # Each process says, when it starts, that its counts are not seen; people are let in all the same.
            logger.warning("the folder for what is counted cannot be made in STATE_DIR")
    # granian's own process has the keys in its environment; its workers see to more themselves (esr_portal/wsgi.py).
    allow_no_dumps()
    os.chdir(settings.BASE_DIR)
    command = [sys.executable, "-m", "esr_portal.web_server", "esr_portal.wsgi:application"]
    os.execve(sys.executable, command, environment())  # noqa: S606


def _metrics_folder() -> Path:
    return metrics_folder.of_server(state=settings.STATE_DIR, port=settings.PORT)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "esr_portal.settings")
    loading.begin()
    process_logs.take_over()
    main()
