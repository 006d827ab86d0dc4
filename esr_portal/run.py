"""Run the whole portal on this machine: ``python -m esr_portal.run``. `make run` does, as the demo.

Brings the database and the static files up to date, then runs the web server and the mail worker until it is stopped.
With DEMO=1 also the demo people, the demo inbox and the stand-in Care Identity. When one of its processes ends, all do,
and it says which it was.
"""

from __future__ import annotations

import argparse
import errno
import fcntl
import logging
import os
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import django
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DatabaseError

from esr_portal import checks, demo_by_default, loading, process_logs, ready, state
from esr_portal.configuration import web_server
from esr_portal.processes import Family, StoppedByItself, stop_with_parent

_PREPARE_LOCK = "prepare.lock"


class CannotStart(Exception):
    """Something that the operator must put right first; the message says what and how."""


def main() -> int:
    """Run until stopped; return the exit code."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--stop-with-parent", action="store_true", help="stop when the process that started it dies")
    arguments.add_argument("--demo-by-default", action="store_true", help="be the demo where DEMO is not set")
    told = arguments.parse_args()
    if told.stop_with_parent:
        stop_with_parent(os.getppid())
    problem = demo_by_default.choose(os.environ) if told.demo_by_default else ""
    if problem:
        process_logs.say(f"\n{problem}\n")
        return 1
    family = Family()
    family.stop_on_signals()
    try:
        _set_up()
        with _port_to_ourselves():
            # First, because it gets ready while the rest is prepared.
            care_identity = _start_care_identity(family)
            _prepare()
            environment = _start(family, care_identity)
            _wait_until_ready(family)
            _say_where(environment)
            family.watch()
    except (CannotStart, StoppedByItself) as problem:
        process_logs.say(f"\n{problem}\n")
        return 1
    finally:
        family.stop()
    return 0


# Before ---------------------------------------------------------------------------------------------------------------


@contextmanager
def _port_to_ourselves() -> Iterator[None]:
    """Make sure that no other server is on our port. Raises CannotStart.

    The server opens its port so that its workers can share it, which would let a second server join them unnoticed.
    """
    host, port = settings.HOST, settings.PORT
    with socket.socket(socket.AF_UNIX) as claim:
        try:
            # Held until we end, and let go by the system even if we are killed.
            claim.bind(f"\0esr-portal-port-{port}")
            with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((host, port))
        except OSError as error:
            raise CannotStart(_why_not(error, port)) from error
        yield


def _why_not(error: OSError, port: int) -> str:
    """Return in words why a port cannot be opened, and what to do."""
    if error.errno in {errno.EACCES, errno.EPERM}:
        return f"Port {port} is for root alone. Name one from 1024 on: make run PORT=8000"
    if error.errno != errno.EADDRINUSE:
        return "GRANIAN_HOST is no address of this machine. Put one of its own there, or leave it out."
    other = port + 1 if port < web_server.HIGHEST_PORT else port - 1
    return (
        f"Port {port} is taken. Choose another: make run PORT={other}\n"
        f"For a second portal beside a running one: make run PORT={other} STATE_DIR=var/second"
    )


def _set_up() -> None:
    """Load the portal, and check its configuration. Raises CannotStart."""
    django.setup()
    faults = checks.what_keeps_from_starting()
    if faults:
        raise CannotStart("\n".join(faults))
    _make_state_folder()


def _make_state_folder() -> None:
    """Make the folder that the portal keeps its files in. Raises CannotStart."""
    try:
        settings.STATE_DIR.mkdir(mode=state.PRIVATE_FOLDER, parents=True, exist_ok=True)
        (settings.STATE_DIR / _PREPARE_LOCK).touch()
    except OSError:
        # What the system says of it has the path in it.
        put = "Put the path of a folder there that is the portal's own, like STATE_DIR=/var/lib/esr-portal."
        raise CannotStart(f"Cannot start: STATE_DIR cannot be made or written to. {put}") from None


def _prepare() -> None:
    """Bring database, static files and, in the demo, the people up to date. Raises CannotStart."""
    with _taking_turns():
        try:
            call_command("migrate", interactive=False, verbosity=0)
        except DatabaseError as problem:
            raise CannotStart(
                "Cannot start: the database that DATABASE_URL names cannot be used. Is it up?"
            ) from problem
        call_command("collectstatic", interactive=False, verbosity=0)
        if settings.DEMO:
            # How the demo's people came about is no news.
            logging.disable(logging.INFO)
            try:
                call_command("seed_demo")
            except CommandError as problem:
                raise CannotStart(f"Cannot start: {problem}") from problem


@contextmanager
def _taking_turns() -> Iterator[None]:
    """Let two portals that start at once on one state folder prepare it one after the other."""
    with (settings.STATE_DIR / _PREPARE_LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


# Running --------------------------------------------------------------------------------------------------------------


def _start_care_identity(family: Family) -> dict[str, str]:
    """Start the stand-in, in the demo, and return what the portal is told of it.

    Not where the operator has named a Care Identity.
    """
    if not settings.DEMO or settings.CARE_IDENTITY_DISCOVERY_URL:
        return {}
    from demo import stand_in

    # Opened here, so that no other process can take the ports, and a log-in that comes too early waits.
    with (
        _listening(settings.PORT + stand_in.PORT_ABOVE) as plain,
        _listening(settings.PORT + stand_in.CARD_PORT_ABOVE) as cards,
    ):
        with _taking_turns():
            started = stand_in.prepare(plain=plain, cards=cards)
        family.start(
            "stand-in Care Identity", started.command, environment=started.environment, pass_fds=started.sockets
        )
    return started.for_the_portal


def _listening(port: int) -> socket.socket:
    """Return a socket at this port, or, where it is taken, at a free one."""
    host = settings.HOST
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except (OSError, OverflowError):
        return socket.create_server((host, 0), family=family)


def _start(family: Family, care_identity: dict[str, str]) -> dict[str, str]:
    """Start the processes; return what they were told on top of our own environment."""
    environment = {"DEMO": str(int(settings.DEMO)), "STATE_DIR": str(settings.STATE_DIR), **care_identity}
    if settings.DEMO and not settings.NAMES_A_MAIL_SERVER:
        # Opened here, so that the port is known and no other process can take it.
        with socket.create_server(("127.0.0.1", 0)) as listening:
            environment["EMAIL_URL"] = f"smtp://127.0.0.1:{listening.getsockname()[1]}"
            environment["DEMO_INBOX"] = "1"
            fd = listening.fileno()
            command = [sys.executable, "-m", "demo.mail_server", str(fd), str(settings.STATE_DIR / "inbox")]
            family.start("demo mail server", command, environment=environment, pass_fds=[fd])
    family.start("mail worker", [sys.executable, "manage.py", "work"], environment=environment)
    family.start("web server", [sys.executable, "-m", "esr_portal.server"], environment=environment)
    return environment


def _wait_until_ready(family: Family) -> None:
    """Return once the server answers that it is ready. Raises CannotStart, StoppedByItself."""
    deadline = time.monotonic() + ready.WITHIN
    while time.monotonic() < deadline and not family.asked_to_stop:
        family.check()
        if not ready.answer():
            return
        time.sleep(0.1)
    if not family.asked_to_stop:
        raise CannotStart(f"The server did not answer within {ready.WITHIN} seconds.")


def _say_where(environment: dict[str, str]) -> None:
    """Say where to look and, in the demo, who to log in as."""
    where = f"The ESR Portal is running at {settings.BASE_URL}/"
    if not process_logs.is_read_by_people():
        process_logs.say(where, level=logging.INFO)
        return
    print(f"\n{where} (Ctrl-C stops it)\n")
    if settings.DEMO:
        from demo import welcome

        print(welcome.text(environment))
    sys.stdout.flush()


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "esr_portal.settings")
    loading.begin()
    process_logs.take_over()
    sys.exit(main())
