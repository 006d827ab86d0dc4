"""A browser that comes to the portal as people do: over TLS, through nginx, from a network address of its own.

Every address that begins with 127 is this machine, so that each visitor can have another one, and nginx says which.
"""

from __future__ import annotations

import contextlib
import ipaddress
import re
import socket
import ssl
import time
from typing import TYPE_CHECKING

from bench.browser import HOST, TIMEOUT, Answer, Browser, Unexpected, headers, token_of

if TYPE_CHECKING:
    from typing import Protocol

    class Door(Protocol):
        """Where nginx listens, and how it is trusted: a rig is one."""

        port: int
        context: ssl.SSLContext


MACHINE = "127.0.0.1"
# nginx hangs up after a thousand requests of one connection.
REQUESTS_OF_A_CONNECTION = 900
# Seconds. It also hangs up where nothing comes: for 15 before the first request, for 65 after one (deploy/nginx.conf).
IDLE = 10
BOUNDARY = "portal-boundary"
_REFRESH = re.compile(rb"\r\nrefresh: 0; url=([^\r]+)", re.IGNORECASE)
PROXYS_OWN = ("X-Forwarded-For", "X-Forwarded-Proto")


class NotThisMachine(Exception):
    """Nothing but this machine is attacked."""


def this_machine(address: str) -> str:
    """Return `address`, which is one of this machine alone. Raises NotThisMachine."""
    if not ipaddress.ip_address(address).is_loopback:
        raise NotThisMachine(address)
    return address


def address(number: int) -> str:
    """Return the address of the visitor with this number: one of sixteen million of this machine, none of its first."""
    number %= 0xFF_0000
    return f"127.{1 + (number >> 16)}.{number >> 8 & 255}.{number & 255}"


class Visitor(Browser):
    """One person's browser, or one machine of an attacker's."""

    def __init__(self, door: Door, *, address: str = "127.9.0.1") -> None:
        self._port, self._context, self._address = door.port, door.context, this_machine(address)
        self._headers = {name: value for name, value in headers(address).items() if name not in PROXYS_OWN}
        self.cookies = {}
        # Where the last page goes on to by itself.
        self.refresh = ""
        self._connect()

    def wait_and_post(self, path: str, page: Answer, **fields: str) -> tuple[Answer, int]:
        """Send a form, again after as long as a busy portal says; return the answer, and how often it was busy."""
        busy = 0
        while (answer := self.post(path, page, **fields)).status == 503 and answer.retry_after:
            busy += 1
            time.sleep(answer.retry_after)
        return answer, busy

    def post_file(self, path: str, page: Answer, content: bytes, **fields: str) -> Answer:
        """Send the form of `page` with a file of people in it; return the answer."""
        body = "".join(
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in {"csrfmiddlewaretoken": token_of(page), **fields}.items()
        )
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="people.csv"\r\n\r\n'
        sent = f"{body}{head}".encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()
        said = {"Origin": f"https://{HOST}", "Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
        return self._ask("POST", path, {**said, "Content-Length": str(len(sent))}, sent)

    def _connect(self) -> None:
        plain = socket.create_connection((MACHINE, self._port), timeout=TIMEOUT, source_address=(self._address, 0))
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = self._context.wrap_socket(plain, server_hostname=HOST)
        self._requests, self._last_used = 0, time.monotonic()

    def _exchange(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[bytes, bytes]:
        if self._requests >= REQUESTS_OF_A_CONNECTION or time.monotonic() > self._last_used + IDLE:
            self.close()
            self._connect()
        self._requests += 1
        head, received = super()._exchange(method, path, headers, body)
        self._last_used = time.monotonic()
        found = _REFRESH.search(head)
        self.refresh = found[1].decode() if found else ""
        return head, received

    def close(self) -> None:
        """Hang up."""
        with contextlib.suppress(OSError, ssl.SSLError):
            self._socket.close()


__all__ = ["MACHINE", "Answer", "NotThisMachine", "Unexpected", "Visitor", "address", "this_machine"]
