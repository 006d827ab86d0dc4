"""A package mirror with a certificate authority of its own, and a small project that installs one package from it."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import ssl
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import trustme

from installing import uv

ROOT = Path(__file__).resolve().parents[2]
WHEEL = "segno-1.6.6-py3-none-any.whl"
_PROJECT = """
[project]
name = "esr-portal"
version = "0.1.0"
requires-python = ">=3.11"
dependencies = ["segno==1.6.6"]

[dependency-groups]
build = []
demo = []
fetch = ["uv=={uv}"]

[tool.uv]
package = false
"""
_PACKAGE = """
[[package]]
name = "{name}"
version = "{version}"
source = {{ registry = "https://pypi.org/simple" }}
wheels = [{{ url = "https://files.pythonhosted.org/packages/{file}", hash = "sha256:{digest}", size = 1 }}]
"""
_LOCK = """version = 1
revision = 3
requires-python = ">=3.11"

[[package]]
name = "esr-portal"
version = "0.1.0"
source = {{ virtual = "." }}
dependencies = [{{ name = "segno" }}]

[package.dev-dependencies]
fetch = [{{ name = "uv" }}]

[package.metadata]
requires-dist = [{{ name = "segno", specifier = "==1.6.6" }}]

[package.metadata.requires-dev]
build = []
demo = []
fetch = [{{ name = "uv", specifier = "=={uv}" }}]
"""


def write_wheel(path: Path, *, words: str = "is_ours = True\n") -> str:
    """Write a wheel of one module and return its digest."""
    facts = "segno-1.6.6.dist-info"
    with zipfile.ZipFile(path, "w") as wheel:
        for name, text in (
            ("segno.py", words),
            (f"{facts}/METADATA", "Metadata-Version: 2.1\nName: segno\nVersion: 1.6.6\n"),
            (f"{facts}/WHEEL", "Wheel-Version: 1.0\nGenerator: a test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"),
            (f"{facts}/RECORD", ""),
        ):
            # Of one moment, so that the same words have the same digest.
            wheel.writestr(zipfile.ZipInfo(name), text)
    return hashlib.sha256(path.read_bytes()).hexdigest()


class Project:
    """A folder with what `bootstrap.py` is, and a lock file that names one small wheel."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        shutil.copy(ROOT / "bootstrap.py", folder)
        shutil.copytree(ROOT / "installing", folder / "installing", ignore=shutil.ignore_patterns("__pycache__"))
        digest = write_wheel(folder / WHEEL)
        (folder / "pyproject.toml").write_text(_PROJECT.format(uv="0.13.9"))
        packages = [
            _PACKAGE.format(name="segno", version="1.6.6", file=WHEEL, digest=digest),
            _PACKAGE.format(name="uv", version="0.13.9", file="uv-0.13.9-py3-none-any.whl", digest="0" * 64),
        ]
        (folder / "uv.lock").write_text(_LOCK.format(uv="0.13.9") + "".join(packages))

    def install(self, *, within: Sequence[str] = (), **variables: str) -> subprocess.CompletedProcess[str]:
        """Run what `bootstrap.py run` begins with: the packages. `within`: a command in whose surroundings it runs."""
        code = "from installing import command_line, packages; packages.install('run', named=True)"
        return self._run([*within, sys.executable, "-c", _TOLD.format(code=code)], variables)

    def look_for_uv(self, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run what installs uv where there is none."""
        code = "from installing import uv; uv.find()"
        return self._run([sys.executable, "-c", _TOLD.format(code=code)], {"PATH": "/nowhere", **variables})

    def bootstrap(self, python: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the command itself, by a Python."""
        return self._run([python, "bootstrap.py", *arguments], {})

    @property
    def installed(self) -> bool:
        """Whether the wheel is in .venv."""
        return any(self.folder.glob(".venv/lib/*/site-packages/segno.py"))

    def _run(self, command: list[str], variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
        (self.folder / ".tools").mkdir(exist_ok=True)
        path = f"{Path(uv.find()).parent}{os.pathsep}{os.environ['PATH']}"
        # Nothing of how this machine installs counts, and a failure is not tried again.
        plain = {
            "PATH": path,
            "HOME": str(self.folder / "home"),
            "PIP_CONFIG_FILE": "/dev/null",
            "PIP_RETRIES": "0",
            "UV_HTTP_RETRIES": "0",
            "UV_HTTP_TIMEOUT": "5",
            "UV_CACHE_DIR": str(self.folder / "cache"),
            "NO_PROXY": "127.0.0.1",
        }
        return subprocess.run(
            command, cwd=self.folder, env={**plain, **variables}, capture_output=True, text=True, check=False
        )


_TOLD = """
import sys
from installing.failures import CannotInstall
try:
    {code}
except CannotInstall as problem:
    sys.exit(str(problem))
"""


class Mirror:
    """A mirror at work: its address, and the file with the certificate of its authority."""

    def __init__(self, port: int, authority: Path) -> None:
        self.authority = str(authority)
        self._port = port

    def index(self, kind: str = "good") -> str:
        """Return the address of an index: good, forged, empty or one that answers with a status of that number."""
        return f"https://127.0.0.1:{self._port}/{kind}"


class _Index(BaseHTTPRequestHandler):
    wheels: Path

    def do_GET(self) -> None:
        _, kind, *_, name = self.path.rstrip("/").split("/")
        if kind.isdigit():
            self._answer(int(kind), b"")
        elif name == WHEEL:
            self._answer(200, (self.wheels / kind / WHEEL).read_bytes())
        elif name == "segno" and kind != "empty":
            self._answer(200, f'<a href="/{kind}/files/{WHEEL}">{WHEEL}</a>'.encode())
        else:
            self._answer(404, b"")

    def do_CONNECT(self) -> None:
        """Answer as a proxy that asks who somebody is."""
        self._answer(407, b"")

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        """Say nothing on the terminal."""


@contextlib.contextmanager
def _serving(handler: type[BaseHTTPRequestHandler], tls: ssl.SSLContext | None) -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextlib.contextmanager
def mirror(folder: Path) -> Iterator[Mirror]:
    """Run a mirror whose certificate no machine knows; its files are in `folder`."""
    for kind, words in (("good", "is_ours = True\n"), ("forged", "is_ours = False\n")):
        (folder / kind).mkdir()
        write_wheel(folder / kind / WHEEL, words=words)
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "authority.pem")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    with _serving(type("Index", (_Index,), {"wheels": folder}), tls) as port:
        yield Mirror(port, folder / "authority.pem")


@contextlib.contextmanager
def proxy() -> Iterator[str]:
    """Run a proxy that lets nobody through who does not say who they are; give its address."""
    with _serving(_Index, None) as port:
        yield f"http://127.0.0.1:{port}"
