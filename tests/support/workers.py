"""Real `manage.py work` processes, on the database and the mail server of a test."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.smtp import MailServer

MANAGE = settings.BASE_DIR / "manage.py"


class WorkerProcess:
    """A worker that can be asked to stop, and killed. Its log goes to `log`, a file of its own."""

    def __init__(self, *, mail_server: MailServer, log: Path) -> None:
        self._log = log
        with log.open("wb") as stderr:
            self._process = subprocess.Popen(
                [sys.executable, str(MANAGE), "work"],
                env={
                    **os.environ,
                    "DATABASE_URL": _database_url(),
                    "EMAIL_URL": f"smtp://{mail_server.host}:{mail_server.port}",
                },
                stderr=stderr,
            )

    def kill(self) -> None:
        """Kill it as the kernel does: it cannot do anything about it."""
        self._process.kill()
        self._process.wait(timeout=10)

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Ask it to stop; return its exit code."""
        self._process.send_signal(number)
        return self._process.wait(timeout=60)

    @property
    def is_running(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    @property
    def log(self) -> list[dict[str, Any]]:
        """What it has logged, one object a line."""
        return [json.loads(line) for line in self._log.read_text(encoding="utf-8").splitlines()]

    def has_logged(self, message: str) -> bool:
        """Return whether it has logged a line with this message."""
        return any(line["message"] == message for line in self.log)


def wait_until(condition: Callable[[], bool], *, seconds: float = 60) -> None:
    """Return as soon as `condition` holds. Raises AssertionError if that takes too long."""
    give_up_at = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up_at, "waited too long"
        time.sleep(0.01)


def _database_url() -> str:
    """Return the address of the test database, which has another name than the one the settings were read with."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
