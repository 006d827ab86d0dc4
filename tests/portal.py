"""The portal in processes of its own, started as an operator starts it, with an environment of its own."""

from __future__ import annotations

import contextlib
import dataclasses
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from email.message import Message
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Seconds. Generous: the machine may be doing other things.
PATIENCE = 90
# Everything the portal reads; what a test does not set must not come from the machine.
VARIABLES = {
    "ALLOWED_HOSTS",
    "BASE_URL",
    "COMMON_PASSWORDS_FILE",
    "DATABASE_URL",
    "DEMO",
    "DEMO_INBOX",
    "EMAIL_URL",
    "FROM_EMAIL",
    "PORT",
    "SECRET_KEY",
    "SECRET_KEY_FALLBACKS",
    "STATE_DIR",
    "TRUSTED_PROXIES",
}

SAFE = {
    "DEMO": "0",
    "BASE_URL": "https://esr.example.nhs.uk",
    "ALLOWED_HOSTS": "esr.example.nhs.uk",
    "SECRET_KEY": "Zk4-made-up-for-this-test-Qw8rT2yU6iO0pA1sD3fG5hJ7kL9",
    "EMAIL_URL": "smtp://127.0.0.1:1",
}


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def environment(*, state: Path, port: int, variables: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a portal: this machine's, without anything that would configure it, and `variables`."""
    ours = {name: value for name, value in os.environ.items() if name not in VARIABLES and "GRANIAN" not in name}
    return {**ours, "STATE_DIR": str(state), "PORT": str(port), **variables}


def outcome(*command: str, state: Path, variables: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a Python command of the portal's until it ends by itself; return its exit code and what it printed."""
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=environment(state=state, port=free_port(), variables=variables),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """What the portal answered."""

    status: int
    headers: Message
    page: str


class Running:
    """A running portal: its port, and the process that holds it together."""

    def __init__(self, port: int, process: subprocess.Popen[str], log: Path) -> None:
        self.port = port
        self.process = process
        self._log = log

    @property
    def printed(self) -> str:
        """What it has printed so far."""
        return self._log.read_text(encoding="utf-8")

    def get(self, path: str, **headers: str) -> Answer:
        """Ask for a page; underscores in the names of `headers` stand for hyphens."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        with contextlib.closing(connection):
            connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
            answer = connection.getresponse()
            return Answer(status=answer.status, headers=answer.msg, page=answer.read().decode("utf-8"))

    def is_there(self) -> bool:
        """Return whether anybody answers on the port."""
        with contextlib.suppress(OSError, http.client.HTTPException):
            return self.get("/health/live").status > 0
        return False


@contextlib.contextmanager
def running(*, state: Path, variables: Mapping[str, str]) -> Iterator[Running]:
    """Run the whole portal with `variables` until the block ends; wait until it is ready."""
    port = free_port()
    log = state / "printed.log"
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "esr_portal.run"],
            cwd=ROOT,
            env=environment(state=state, port=port, variables=variables),
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
        )
    portal = Running(port, process, log)
    try:
        wait_until(lambda: "is running at" in portal.printed or process.poll() is not None, portal)
        assert process.poll() is None, portal.printed
        yield portal
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait(timeout=PATIENCE)


def wait_until(is_so: Callable[[], bool], portal: Running) -> None:
    """Wait until the function `is_so` returns True. Fails with what the portal printed when it takes too long."""
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline, portal.printed
        time.sleep(0.1)
