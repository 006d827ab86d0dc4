"""A browser that costs next to nothing: keep-alive HTTP/1.1 over a plain socket, cookies, no JavaScript.

It shares the machine with the server that it measures, so what it does not do is left for the server.
"""

from __future__ import annotations

import re
import socket
import time
from urllib.parse import urlencode

# As a proxy would pass it on: see TRUSTED_PROXIES.
HOST = "esr.example.nhs.uk"
USER_AGENT = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
)
TIMEOUT = 60

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


class Browser:
    """One person's browser behind one connection."""

    def __init__(self, port: int, address: str) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._fixed = (
            f"Host: {HOST}\r\nX-Forwarded-Proto: https\r\nX-Forwarded-For: {address}\r\n"
            f"User-Agent: {USER_AGENT}\r\nAccept: text/html\r\n"
        )
        self.cookies: dict[str, str] = {}

    def get(self, path: str) -> Answer:
        """Ask for a page."""
        return self._ask(f"GET {path} HTTP/1.1\r\n{self._fixed}{self._cookie_header()}\r\n".encode())

    def open(self, path: str) -> Answer:
        """Open a page that must be there. Raises Unexpected."""
        answer = self.get(path)
        if answer.status != 200:
            msg = f"{path} answered {answer.status}"
            raise Unexpected(msg)
        return answer

    def post(self, path: str, page: Answer, **fields: str) -> Answer:
        """Send the form of `page`, with its CSRF token, to `path`."""
        token = _TOKEN.search(page.body)
        if token is None:
            msg = f"no form on the page before {path}"
            raise Unexpected(msg)
        body = urlencode({"csrfmiddlewaretoken": token[1].decode(), **fields}).encode()
        head = (
            f"POST {path} HTTP/1.1\r\n{self._fixed}{self._cookie_header()}Origin: https://{HOST}\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return self._ask(head.encode() + body)

    def log_in(self, username: str, password: str) -> None:
        """Open the form, send it, and land on My ESR. Raises Unexpected where that is not what happens.

        Where the server is busy the person waits for as long as the page says, and sends the form again.
        """
        self.cookies = {}
        answer = self.post("/log-in/", self.get("/log-in/"), username=username, password=password)
        while answer.status == 503 and answer.retry_after:
            time.sleep(answer.retry_after)
            answer = self.post("/log-in/", self.get("/log-in/"), username=username, password=password)
        if answer.status != 302 or answer.location != "/my-esr/":
            msg = f"{username}: log-in answered {answer.status} {answer.location}"
            raise Unexpected(msg)
        if b"Log out" not in self.open(answer.location).body:
            msg = f"{username}: nobody is logged in on My ESR"
            raise Unexpected(msg)

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def _cookie_header(self) -> str:
        if not self.cookies:
            return ""
        return "Cookie: " + "; ".join(f"{name}={value}" for name, value in self.cookies.items()) + "\r\n"

    def _ask(self, request: bytes) -> Answer:
        self._socket.sendall(request)
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._more()
        head, _, body = received.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        wanted = int(length[1]) if length else 0
        while len(body) < wanted:
            body += self._more()
        for name, value in _COOKIE.findall(head):
            self.cookies[name.decode()] = value.decode()
        return Answer(head, body)

    def _more(self) -> bytes:
        data = self._socket.recv(65536)
        if not data:
            msg = "the server hung up"
            raise Unexpected(msg)
        return data
