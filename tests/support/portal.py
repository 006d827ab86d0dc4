"""The portal in processes of its own, started as an operator starts it, with an environment of its own."""

from __future__ import annotations

import atexit
import contextlib
import dataclasses
import http.client
import http.cookiejar
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping
from email.message import Message
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Seconds. Generous: the machine may be doing other things.
PATIENCE = 180
# What a demo keeps in its state folder.
DATABASE = "esr-portal.sqlite3"
SECRET_KEY = "secret-key"
# The variable with the folder that the processes of a run of pytest share (tests/environment.py).
SHARED = "TESTS_SHARED_DIR"
# The folder with these of the first demo that a process of this run has started, once there is one.
_first_demo: list[Path] = []
# Everything the portal reads; what a test does not set must not come from the machine.
VARIABLES = {
    "ALLOWED_HOSTS",
    "BASE_URL",
    "BOUNCE_EMAIL",
    "BOUNCE_MAILBOX",
    "COMMON_PASSWORDS_FILE",
    "DATABASE_URL",
    "DEMO",
    "DEMO_INBOX",
    "EMAIL_URL",
    "FROM_EMAIL",
    "METRICS_NETWORKS",
    "OPERATOR_EMAIL",
    "OPERATOR_NAME",
    "PGHOST",
    "PGHOSTADDR",
    "PGSERVICE",
    "PGSSLMODE",
    "PORT",
    "SECRET_KEY",
    "SECRET_KEY_FALLBACKS",
    "SECOND_STEP_KEYS",
    "STATE_DIR",
    "TRUSTED_PROXIES",
}

SAFE = {
    "DEMO": "0",
    "BASE_URL": "https://esr.example.nhs.uk",
    "ALLOWED_HOSTS": "esr.example.nhs.uk",
    "SECRET_KEY": "Zk4-made-up-for-this-test-Qw8rT2yU6iO0pA1sD3fG5hJ7kL9",
    "SECOND_STEP_KEYS": "Xy7-made-up-for-this-test-Nb3vC5xZ1lK9jH8gF6dS4aP2oI0",
    "EMAIL_URL": "smtp://127.0.0.1:1",
    "OPERATOR_NAME": "the ESR team of the tests",
    "OPERATOR_EMAIL": "esr-team@esr.example.nhs.uk",
}


def free_port() -> int:
    """Return a port that is free."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def environment(*, state: Path, port: int, variables: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a portal: this machine's, without anything that would configure it, and `variables`.

    One web server process, unless `variables` say otherwise: most of what starting one takes is the same for each.
    """
    # The last is set by Playwright's tests for their own process.
    read = ("GRANIAN", "CARE_IDENTITY", "STAND_IN", "DJANGO_ALLOW_ASYNC_UNSAFE")
    ours = {n: value for n, value in os.environ.items() if n not in VARIABLES and not any(part in n for part in read)}
    return {**ours, "GRANIAN_WORKERS": "1", "STATE_DIR": str(state), "PORT": str(port), **variables}


@contextlib.contextmanager
def port_of_a_demo() -> Iterator[int]:
    """Yield a free port for a demo; another program has the port that its Care Identity would take."""
    port = next(port for _ in range(50) if is_free((port := free_port()) + 1000))
    with socket.create_server(("127.0.0.1", port + 1000)):
        yield port


def is_free(port: int) -> bool:
    """Return whether no program has this port."""
    with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
        return True
    return False


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


def said(printed: str) -> list[str]:
    """Return what lines say: the message of one of the log, and another as it is."""
    lines = []
    for line in printed.splitlines():
        try:
            lines.append(str(json.loads(line)["message"]))
        except ValueError:
            lines.append(line)
    return lines


@dataclasses.dataclass(frozen=True, slots=True)
class Page:
    """What the portal answered, and at which address."""

    path: str
    status: int
    headers: Message
    text: str


class Running:
    """A running portal: its port, the process that holds it together, and the folder of its state."""

    def __init__(self, port: int, process: subprocess.Popen[str], log: Path) -> None:
        self.port = port
        self.process = process
        self.state = log.parent
        self._log = log

    @property
    def printed(self) -> str:
        """What it has printed so far."""
        return self._log.read_text(encoding="utf-8")

    def get(self, path: str, **headers: str) -> Page:
        """Ask for a page; underscores in the names of `headers` stand for hyphens."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        with contextlib.closing(connection):
            connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
            answer = connection.getresponse()
            text = answer.read().decode("utf-8")
            return Page(path=path, status=answer.status, headers=answer.msg, text=text)

    def is_there(self) -> bool:
        """Return whether a portal answers on the port."""
        with contextlib.suppress(OSError, http.client.HTTPException):
            return self.get("/health/live").status > 0
        return False


class Visitor:
    """A browser without JavaScript: cookies, forms, and where they lead."""

    def __init__(self, portal: Running) -> None:
        self._base = f"http://127.0.0.1:{portal.port}"
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), cookies)

    def open(self, path: str, fields: Mapping[str, str] | None = None) -> Page:
        """Ask for a page, or send a form to it; go where that leads and return the page there."""
        data = urllib.parse.urlencode(fields).encode() if fields is not None else None
        try:
            answer = self._opener.open(self._base + path, data, timeout=PATIENCE)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            path = urllib.parse.urlsplit(answer.url).path
            return Page(path=path, status=answer.status, headers=answer.headers, text=answer.read().decode("utf-8"))

    def send(self, page: Page, **fields: str) -> Page:
        """Fill in the form of `page` and send it; return the page that this leads to."""
        hidden = dict(re.findall(r'name="(csrfmiddlewaretoken|about)" value="([^"]+)"', page.text))
        assert hidden, page.text
        return self.open(page.path, {**hidden, **fields})


@contextlib.contextmanager
def running(*, state: Path, variables: Mapping[str, str], port: int = 0) -> Iterator[Running]:
    """Run the whole portal with `variables` until the block ends; wait until it is ready. `port` 0 is a free one.

    In a run of pytest it finds its static files there, and each demo but the first finds its people, as a second start
    does.
    """
    port = port or free_port()
    put_static_files(state)
    is_new_demo = variables.get("DEMO") == "1" and not (state / DATABASE).exists()
    if is_new_demo:
        _take_first_demo(state)
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
        wait_until(lambda: "is running at" in portal.printed or process.poll() is not None)
        assert process.poll() is None, portal.printed
        if is_new_demo:
            _keep_first_demo(state)
        yield portal
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait(timeout=PATIENCE)


def _keep_first_demo(state: Path) -> None:
    """Keep the database that a demo has made, with the key that it belongs to, unless one is kept."""
    if _first_demo:
        return
    kept = Path(tempfile.mkdtemp(prefix="esr-portal-first-demo-"))
    atexit.register(shutil.rmtree, kept, ignore_errors=True)
    # The portal has it open, and part of it may not be in this file yet.
    with (
        contextlib.closing(sqlite3.connect(state / DATABASE)) as made,
        contextlib.closing(sqlite3.connect(kept / DATABASE)) as copy,
    ):
        made.backup(copy)
    shutil.copy2(state / SECRET_KEY, kept)
    _first_demo.append(kept)
    for_all = _first_demo_of_all()
    if for_all is not None:
        unfinished = shutil.copytree(kept, for_all.with_name(f"first-demo-{os.getpid()}"))
        with contextlib.suppress(OSError):
            # Where another process was quicker, it stays as that one has made it.
            unfinished.rename(for_all)


def _take_first_demo(state: Path) -> None:
    for_all = _first_demo_of_all()
    if not _first_demo and for_all is not None and for_all.exists():
        _first_demo.append(for_all)
    for kept in _first_demo:
        shutil.copytree(kept, state, dirs_exist_ok=True)


def put_static_files(state: Path) -> None:
    """Put the static files into the state folder of a portal that has none, where this is a run of pytest."""
    static = state / "static"
    if SHARED in os.environ and not static.exists():
        # It sets up a run of pytest, and tools start portals too.
        from tests.support import collected

        shutil.copytree(collected.static_files(), static)


def _first_demo_of_all() -> Path | None:
    """Return where the processes of this run keep their first demo, or None where this is no run of pytest."""
    shared = os.environ.get(SHARED)
    return Path(shared) / "first-demo" if shared else None


def all_gone(pids: Iterable[int]) -> bool:
    """Return whether none of the processes is alive."""
    return not any(_is_alive(pid) for pid in pids)


def _is_alive(pid: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def wait_until(is_so: Callable[[], bool]) -> None:
    """Wait until the function `is_so` returns True; fail when that takes longer than PATIENCE."""
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.1)
