"""Start the stand-in Care Identity: ``python -m demo.care_identity [--port 9000] [--card-port 10000]``.

The caller may hand it open sockets instead of ports (--plain-fd, --card-fd), so that no other program can take them.
The variables that it reads are in configuration.py.
"""

from __future__ import annotations

import argparse
import fcntl
import gc
import os
import socket
import sys

SETTINGS = "demo.care_identity.settings"


def main() -> None:
    """Read the command line, prepare, and serve until stopped."""
    if os.environ.get("DEMO", "0").lower() not in {"1", "true", "yes", "on"}:
        sys.exit(
            "Cannot start: this stand-in for Care Identity lets anybody in as anybody. It starts with DEMO=1 only."
        )
    arguments = argparse.ArgumentParser(prog="python -m demo.care_identity", description=__doc__)
    arguments.add_argument("--host", default="127.0.0.1")
    arguments.add_argument("--port", type=int, default=9000)
    arguments.add_argument("--card-port", type=int, default=10000)
    arguments.add_argument("--plain-fd", type=int)
    arguments.add_argument("--card-fd", type=int)
    told = arguments.parse_args()
    plain = _socket(told.plain_fd, host=told.host, port=told.port)
    cards = _socket(told.card_fd, host=told.host, port=told.card_port)
    os.environ["STAND_IN_PORT"] = str(plain.getsockname()[1])
    os.environ["STAND_IN_CARD_PORT"] = str(cards.getsockname()[1])
    os.environ["DJANGO_SETTINGS_MODULE"] = SETTINGS
    _serve(plain, cards)


def _socket(fd: int | None, *, host: str, port: int) -> socket.socket:
    from demo.care_identity import server

    if fd is not None:
        return socket.socket(fileno=fd)
    try:
        return server.listen(host, port)
    except OSError as error:
        sys.exit(f"Port {port} is taken: {error}. Choose others with --port and --card-port.")


def _serve(plain: socket.socket, cards: socket.socket) -> None:
    import django

    # As esr_portal/loading.py does it for the portal, and says why.
    gc.disable()
    django.setup()
    gc.freeze()
    gc.enable()
    from django.core.handlers.wsgi import WSGIHandler

    from demo.care_identity import certificates, configuration, database, keys, server

    configuration.STATE_DIR.mkdir(parents=True, exist_ok=True)
    # Two that start at once on one state folder take turns.
    with (configuration.STATE_DIR / "prepare.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        kept = certificates.prepare(configuration.STATE_DIR, host=configuration.HOST)
        database.make()
    keys.current()
    server.serve(plain=plain, cards=cards, application=WSGIHandler(), kept=kept)


if __name__ == "__main__":
    main()
