"""Instances of the web server, as deploy/systemd starts them: each at a port, loaded anew or started again."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from bench.browser import HOST
from bench.processes import family

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ROOT = Path(__file__).resolve().parent.parent
# Seconds. Generous: the machine may be doing other things.
PATIENCE = 180


class Instance:
    """A web server on a port. It does not run until it is started."""

    def __init__(self, port: int, *, environment: Mapping[str, str], log: Path) -> None:
        self.port = port
        self._environment = {**environment, "PORT": str(port)}
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and return once it is ready."""
        with self._log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "esr_portal.server"],
                cwd=ROOT,
                env=self._environment,
                stdout=output,
                stderr=output,
            )
        self._wait_until(self.is_ready)

    def stop(self) -> None:
        """Ask it to end, as systemd does, and return once it has."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=PATIENCE)
            self._process = None

    def restart(self) -> None:
        """Stop it and start it, as `systemctl restart` does."""
        self.stop()
        self.start()

    def reload(self) -> None:
        """Tell it to load the portal anew (SIGHUP); return once its former workers have ended."""
        assert self._process is not None  # noqa: S101 - it was started.
        former = set(family(self._process.pid)) - {self._process.pid}
        os.kill(self._process.pid, signal.SIGHUP)
        pid = self._process.pid
        self._wait_until(lambda: former.isdisjoint(family(pid)) and self.is_ready())

    def is_ready(self) -> bool:
        """Return whether it answers that it can do its work."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
            connection.request("GET", "/health/ready", headers={"Host": HOST})
            return connection.getresponse().status == 200
        return False

    def _wait_until(self, is_so: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not is_so():
            if time.monotonic() > deadline or self._process is None or self._process.poll() is not None:
                sys.exit(f"The instance at port {self.port} is not there:\n{self._log.read_text()}")
            time.sleep(0.1)
