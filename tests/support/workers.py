"""Real workers in processes of their own, on the database and the mail server of a test."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.db import connection

from tests.support import warm_portal

if TYPE_CHECKING:
    from pathlib import Path

    from accounts.imap import Mailbox
    from tests.support.smtp import MailServer

# Processes that are forked where the portal is loaded already: no test of workers is about how a process starts, which
# takes more than a second of processor time. tests/site/test_run.py starts workers as an operator does.
FORKED = multiprocessing.get_context("forkserver")
# Where pytest is the main program, each process would load it.
FORKED.set_forkserver_preload(["pytest", "tests.support.warm_portal"])


class WorkerProcess:
    """A worker that can be asked to stop, and killed. Its log goes to `log`, a file of its own."""

    def __init__(self, *, mail_server: MailServer, log: Path, mailbox: Mailbox | None = None) -> None:
        self._log = log
        log.touch()
        told = {
            "database": str(connection.settings_dict["NAME"]),
            "mail_server": (mail_server.host, mail_server.port),
            "log": str(log),
            "mailbox": mailbox,
        }
        self._process = FORKED.Process(target=warm_portal.work, kwargs=told, daemon=True)
        self._process.start()

    def kill(self) -> None:
        """Kill it as the kernel does: it cannot do anything about it."""
        self._process.kill()
        self._process.join(timeout=10)

    def stop(self, number: int = signal.SIGTERM) -> int | None:
        """Ask it to stop; return its exit code."""
        assert self._process.pid
        os.kill(self._process.pid, number)
        self._process.join(timeout=60)
        return self._process.exitcode

    @property
    def is_running(self) -> bool:
        """Whether it still runs."""
        return self._process.is_alive()

    @property
    def log(self) -> list[dict[str, Any]]:
        """What it has logged, one object a line."""
        return [json.loads(line) for line in self._log.read_text(encoding="utf-8").splitlines()]

    def has_logged(self, message: str) -> bool:
        """Return whether it has logged a line with this message."""
        return any(line["message"] == message for line in self.log)


StartWorker = Callable[[], WorkerProcess]


def wait_until(condition: Callable[[], bool], *, seconds: float = 60) -> None:
    """Return as soon as `condition` holds. Raises AssertionError if that takes too long."""
    give_up_at = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up_at, "waited too long"
        time.sleep(0.01)
