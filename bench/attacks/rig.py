"""The production set-up on this machine alone, whose parts can be made to fail.

It is nginx with deploy/nginx.conf, two instances of the web server with two processes each, PostgreSQL, two workers,
and a mail server. Who starts it has set Django up on the same database and keys: attacks make their people, and count,
by the portal's own models. Processes that end are not started again by themselves, but by `Program.start`, as systemd
would.
"""

from __future__ import annotations

import contextlib
import dataclasses
import http.client
import os
import signal
import ssl
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from bench.attacks import planted, visitor
from bench.browser import HOST, headers
from tests.environment import PRODUCTION
from tests.support import nginx
from tests.support.portal import PATIENCE, ROOT, environment, free_port, wait_until
from tests.support.smtp import MailServer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from bench.attacks.care_identity import CareIdentity
    from bench.attacks.disk import Disk
    from bench.attacks.postgresql import Database

INSTANCES, PROCESSES_OF_AN_INSTANCE, WORKERS = 2, 2, 2
SETTINGS = "bench.attacks.settings"
WITNESS = "witness.txt"


class Ended(Exception):
    """A program that has to run does not: the end of its log."""


class Program:
    """A process with an environment and a log of its own, which may be killed and started again."""

    def __init__(
        self, name: str, command: list[str], variables: dict[str, str], folder: Path, *, port: int = 0
    ) -> None:
        self.name, self.port, self.log = name, port, folder / f"{name}.log"
        self._command, self.variables = command, variables
        self._process = self._started()

    @property
    def pid(self) -> int:
        """Its process, the newest where it was started again; those of a web server's instance are below it."""
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether it is there."""
        return self._process.poll() is None

    def start(self) -> None:
        """Start it, unless it runs. It is not waited for: see `answers`."""
        if not self.is_running:
            self._process = self._started()

    def _started(self) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as output:
            return subprocess.Popen(
                [sys.executable, *self._command],
                cwd=ROOT,
                env=self.variables,
                stdout=output,
                stderr=output,
                # What it starts is in its group, and can be killed with it and without it.
                start_new_session=True,
            )

    def answers(self) -> bool:
        """Return whether a web server is ready for people. Raises Ended."""
        self.must_run()
        connection = http.client.HTTPConnection(visitor.MACHINE, self.port, timeout=PATIENCE)
        with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
            connection.request("GET", "/health/ready", headers=headers(visitor.MACHINE))
            return connection.getresponse().status == 200
        return False

    def must_run(self) -> None:
        """Raise Ended where it has ended, with the end of its log."""
        if not self.is_running:
            raise Ended(self.log.read_text(encoding="utf-8", errors="replace")[-4000:])

    def signal(self, number: int) -> None:
        """Send it a signal."""
        os.kill(self.pid, number)

    def kill_group(self) -> None:
        """Kill it and all that it has started, as the kernel does where a unit of systemd ends."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait(timeout=30)

    def stop(self) -> None:
        """Ask it to end, and wait for that; kill it where it does not."""
        if self.is_running:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=30)
        self.kill_group()


@dataclasses.dataclass(slots=True)
class Rig:
    """What runs: `port` is nginx's, by TLS as `context` trusts it; `folder` holds every log and the state."""

    folder: Path
    port: int
    context: ssl.SSLContext
    proxy: nginx.Proxy
    servers: list[Program]
    workers: list[Program]
    mail: MailServer
    is_cheap: bool
    postgresql: Database | None = None
    care_identity: CareIdentity | None = None
    # What the database is on, where it is small and the rig's own.
    disk: Disk | None = None

    @property
    def pids(self) -> list[int]:
        """The processes of the web servers, and those of the workers."""
        return [program.pid for program in [*self.servers, *self.workers]]

    @property
    def witness(self) -> Path:
        """The file to which a rig that is `witnessed` writes what reaches the portal."""
        return self.folder / WITNESS

    def manage(self, *arguments: str, variables: Mapping[str, str] | None = None) -> str:
        """Run a command of manage.py's as an operator does, with `variables` more; return what it prints."""
        return self._managed(arguments, variables or {}).stdout

    def must_manage(self, *arguments: str) -> None:
        """Run a command of manage.py's. Raises Ended where it does not do what it is there for."""
        ended = self._managed(arguments, {})
        if ended.returncode:
            raise Ended(f"{ended.stdout}\n{ended.stderr}")

    def _managed(self, arguments: Iterable[str], variables: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env={**self.servers[0].variables, **variables},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def plant(self, *, beginning: str = "", seconds: float = 0.0) -> None:
        """Let forms whose names begin so take longer, in a rig that was started for it; without arguments none do."""
        planted.plant(self.folder / "planted.json", beginning=beginning, seconds=seconds)


@contextmanager
def started(
    *,
    database: str,
    folder: Path,
    cheap_hash: bool,
    planting: bool = False,
    witnessed: bool = False,
    care_identity: CareIdentity | None = None,
    variables: Mapping[str, str] | None = None,
    workers: int = WORKERS,
    postgresql: Database | None = None,
) -> Iterator[Rig]:
    """Start all but the database, at whose address the portal's tables are; end it afterwards.

    `cheap_hash` is for attacks that are about counts; with `planting` a fault can be planted. `variables` are more of
    the portal's own.
    """
    if not nginx.PROGRAM:
        sys.exit(nginx.MISSING)
    mail, port = MailServer(), free_port()
    of_all = environment(state=folder, port=free_port(), variables=_variables(folder, database, mail)) | dict(
        variables or {}
    )
    if cheap_hash or planting or witnessed or care_identity:
        of_all |= {"DJANGO_SETTINGS_MODULE": SETTINGS, "ATTACKS_CHEAP_HASH": "1" if cheap_hash else ""}
    if planting:
        of_all["ATTACKS_PLANTED"] = str(folder / "planted.json")
        planted.plant(folder / "planted.json")
    if care_identity:
        of_all |= care_identity.variables
    if witnessed:
        of_all["ATTACKS_WITNESS"] = str(folder / WITNESS)
    if not (folder / "static" / "staticfiles.json").exists():
        collecting = [sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"]
        subprocess.run(collecting, cwd=ROOT, env=of_all, check=True)
    with ExitStack() as stack:
        mail.start()
        stack.callback(mail.stop)
        servers = [_server(number, of_all, folder) for number in range(INSTANCES)]
        working = [Program(f"worker-{number}", ["manage.py", "work"], of_all, folder) for number in range(workers)]
        for program in [*servers, *working]:
            stack.callback(program.stop)
        for server in servers:
            wait_until(server.answers)
        for worker in working:
            worker.must_run()
        proxy = stack.enter_context(_nginx(servers, port, folder))
        yield Rig(folder, port, proxy.context, proxy, servers, working, mail, cheap_hash, postgresql, care_identity)


def _variables(folder: Path, database: str, mail: MailServer) -> dict[str, str]:
    return {name: os.environ[name] for name in PRODUCTION} | {
        "DATABASE_URL": database,
        "EMAIL_URL": f"smtp://{mail.host}:{mail.port}",
        "ALLOWED_HOSTS": HOST,
        "TRUSTED_PROXIES": visitor.MACHINE,
        "DJANGO_SETTINGS_MODULE": "esr_portal.settings",
    }


def _server(number: int, of_all: Mapping[str, str], folder: Path) -> Program:
    port = free_port()
    own = {**of_all, "PORT": str(port), "GRANIAN_WORKERS": str(PROCESSES_OF_AN_INSTANCE)}
    return Program(f"server-{number}", ["-m", "esr_portal.server"], own, folder, port=port)


@contextmanager
def _nginx(servers: list[Program], port: int, folder: Path) -> Iterator[nginx.Proxy]:
    own = folder / "nginx"
    own.mkdir()
    with nginx.before(*(server.port for server in servers), port=port, folder=own, state=folder) as proxy:
        yield proxy
