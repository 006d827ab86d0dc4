"""A browser that costs next to nothing: keep-alive HTTP/1.1 over a plain socket, cookies, no JavaScript.

It shares the machine with the server that it measures, so what it does not do is left for the server.
"""

from __future__ import annotations

import dataclasses
import io
import os
import re
import socket
import sys
import time
from typing import TYPE_CHECKING
from urllib.parse import urlencode

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

# As a proxy would pass it on: see TRUSTED_PROXIES.
HOST = "esr.example.nhs.uk"
USER_AGENT = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
)
TIMEOUT = 60
# The language that people ask for: READS=cy for pages in Welsh.
READS = os.environ.get("READS", "en-GB")

_STATUS = re.compile(rb"HTTP/1\.1 (\d{3})")
_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)
_COOKIE = re.compile(rb"\r\nset-cookie: ([^=;\r]+)=([^;\r]*)", re.IGNORECASE)
_RETRY_AFTER = re.compile(rb"\r\nretry-after: (\d+)", re.IGNORECASE)
_LOCATION = re.compile(rb"\r\nlocation: ([^\r]+)", re.IGNORECASE)
_TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="([^"]+)"')


class Unexpected(Exception):
    """The server answered something else than this flow expects."""


class Answer:
    """One answer: status, where it sends us, and the page."""

    def __init__(self, head: bytes, body: bytes) -> None:
        match = _STATUS.match(head)
        if match is None:
            raise Unexpected(head[:100])
        self.status = int(match[1])
        location = _LOCATION.search(head)
        self.location = location[1].decode() if location else ""
        retry_after = _RETRY_AFTER.search(head)
        self.retry_after = int(retry_after[1]) if retry_after else 0
        self.body = body


@dataclasses.dataclass(frozen=True, slots=True)
class Way:
    """A log-in: the address of its form, the name of the box for the username, and the page that follows."""

    form: str
    username: str
    landing: str


PORTALS = Way(form="/log-in/", username="username", landing="/my-esr/")


class Browser:
    """One person's browser behind one connection."""

    def __init__(self, port: int, address: str) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._headers = headers(address)
        self.cookies: dict[str, str] = {}

    def get(self, path: str) -> Answer:
        """Ask for a page."""
        return self._ask("GET", path)

    def open(self, path: str) -> Answer:
        """Open a page that must be there. Raises Unexpected."""
        answer = self.get(path)
        if answer.status != 200:
            msg = f"{path} answered {answer.status}"
            raise Unexpected(msg)
        return answer

    def post(self, path: str, page: Answer, **fields: str) -> Answer:
        """Send the form of `page`, with its CSRF token, to `path`."""
        body = urlencode({"csrfmiddlewaretoken": token_of(page), **fields}).encode()
        form = {"Origin": f"https://{HOST}", "Content-Type": "application/x-www-form-urlencoded"}
        return self._ask("POST", path, {**form, "Content-Length": str(len(body))}, body)

    def log_in(self, username: str, password: str, way: Way = PORTALS) -> None:
        """Open the form, send it, and land on the page that follows. Raises Unexpected where that is not what happens.

        Where the server is busy the person waits for as long as the page says, and sends the form again.
        """
        self.cookies = {}
        sent = {way.username: username, "password": password}
        answer = self.post(way.form, self.get(way.form), **sent)
        while answer.status == 503 and answer.retry_after:
            time.sleep(answer.retry_after)
            answer = self.post(way.form, self.get(way.form), **sent)
        if answer.status != 302 or answer.location != way.landing:
            msg = f"{username}: log-in answered {answer.status} {answer.location}"
            raise Unexpected(msg)
        if b"Log out" not in self.open(answer.location).body:
            msg = f"{username}: nobody is logged in on {way.landing}"
            raise Unexpected(msg)

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def _ask(self, method: str, path: str, more: dict[str, str] | None = None, body: bytes = b"") -> Answer:
        sent = {**self._headers, **(more or {})}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        head, received = self._exchange(method, path, sent, body)
        for name, value in _COOKIE.findall(head):
            self.cookies[name.decode()] = value.decode()
        return Answer(head, received)

    def _exchange(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[bytes, bytes]:
        """Send a request; return the head of the answer, as it stands in HTTP/1.1, and its body."""
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self._socket.sendall(f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + body)
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._more()
        head, _, rest = received.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        wanted = int(length[1]) if length else 0
        while len(rest) < wanted:
            rest += self._more()
        return head, rest

    def _more(self) -> bytes:
        data = self._socket.recv(65536)
        if not data:
            msg = "the server hung up"
            raise Unexpected(msg)
        return data


class InProcess(Browser):
    """The same browser without a network: it calls a WSGI application in this process."""

    def __init__(self, application: WSGIApplication, address: str) -> None:
        self._application = application
        self._headers = headers(address)
        self.cookies = {}

    def close(self) -> None:
        """Do nothing: there is no connection."""

    def _exchange(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[bytes, bytes]:
        path, _, query = path.partition("?")
        environ = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "8000",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
            **{_in_environ(name): value for name, value in headers.items()},
        }
        head: list[str] = []

        def start(status: str, lines: list[tuple[str, str]], error: object = None) -> None:
            head[:] = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in lines)]

        answer = self._application(environ, start)  # type: ignore[arg-type]
        received = b"".join(answer)
        if hasattr(answer, "close"):
            answer.close()
        return "\r\n".join(head).encode("latin-1"), received


def token_of(page: Answer) -> str:
    """Return the CSRF token of a page's form. Raises Unexpected where there is no form."""
    token = _TOKEN.search(page.body)
    if token is None:
        msg = f"a page without a form, with status {page.status}"
        raise Unexpected(msg)
    return token[1].decode()


def headers(address: str) -> dict[str, str]:
    """Return what each request says, as a proxy passes it on for a browser at `address`."""
    return {
        "Host": HOST,
        "X-Forwarded-Proto": "https",
        "X-Forwarded-For": address,
        "User-Agent": USER_AGENT,
        "Accept": "text/html",
        "Accept-Language": READS,
    }


def _in_environ(name: str) -> str:
    """Return under which name a header stands in a WSGI environment (PEP 3333)."""
    name = name.upper().replace("-", "_")
    return name if name in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{name}"
