"""Requests that are sent byte by byte, as no browser would send them."""

from __future__ import annotations

import contextlib
import dataclasses
import re
import socket
import ssl
import time
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from bench.attacks.visitor import MACHINE
from bench.browser import HOST

if TYPE_CHECKING:
    from bench.attacks.rig import Rig

# Where links of an attacker's lead, in whatever is sent.
FOREIGN = "evil.example"
_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})")
_LEADING = {"href", "action", "src", "formaction", "content"}


class _Leads(HTMLParser):
    """Where the links, forms and files of a page lead. What a person typed, and is shown as text, leads nowhere."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep where an element leads; called for one that ends itself too."""
        self.found += [value for name, value in attrs if name in _LEADING and value]


@dataclasses.dataclass(frozen=True)
class Received:
    """What came back: every byte of it, and whether the other side hung up."""

    content: bytes
    hung_up: bool = False

    @property
    def status(self) -> int:
        """The status of the first answer; 0 where there was none."""
        found = _STATUS.match(self.content)
        return int(found[1]) if found else 0

    @property
    def head(self) -> bytes:
        """The head of the first answer."""
        return self.content.partition(b"\r\n\r\n")[0]

    @property
    def location(self) -> str:
        """Where it leads, or ""."""
        found = re.search(rb"\r\nlocation: ([^\r]*)", self.head, re.I)
        return found[1].decode("latin-1") if found else ""

    @property
    def leads_elsewhere(self) -> bool:
        """Whether a link, a form or a redirect leads to the attacker."""
        if FOREIGN.encode() not in self.content.lower():
            return False
        page = _Leads()
        page.feed(self.content.partition(b"\r\n\r\n")[2].decode("utf-8", "replace"))
        # What stands behind a question mark leads nowhere: the log-in page is told so which address of ours was asked
        # for.
        return any(FOREIGN in each.partition("?")[0].lower() for each in [*page.found, self.location])

    @property
    def is_the_portals_busy(self) -> bool:
        """Whether it is the page that says that the portal is busy, and when to try again."""
        return self.status == 503 and b"\nretry-after:" in self.head.lower()


def through_nginx(rig: Rig, source: str = MACHINE) -> ssl.SSLSocket:
    """Return a connection as browsers have one."""
    plain = socket.create_connection((MACHINE, rig.port), timeout=30, source_address=(source, 0))
    return rig.context.wrap_socket(plain, server_hostname=HOST)


def to_the_portal(rig: Rig, source: str = MACHINE) -> socket.socket:
    """Return a connection past nginx, from an address that is nginx's own or another."""
    return socket.create_connection((MACHINE, rig.servers[0].port), timeout=30, source_address=(source, 0))


def exchange(connection: socket.socket, sent: bytes, *, patience: float = 30.0, many: bool = False) -> Received:
    """Send bytes and hang up after the answer; `many` reads until the other side hangs up or says no more."""
    received, hung_up = b"", False
    connection.settimeout(patience)
    with contextlib.closing(connection):
        try:
            connection.sendall(sent)
            until = time.monotonic() + 60
            while time.monotonic() < until and (many or not _is_whole(received)):
                more = connection.recv(65536)
                if not more:
                    hung_up = True
                    break
                received += more
        except TimeoutError:
            pass
        except (OSError, ssl.SSLError):
            hung_up = True
    return Received(received, hung_up)


def _is_whole(received: bytes) -> bool:
    head, found, body = received.partition(b"\r\n\r\n")
    if not found:
        return False
    if b"\ntransfer-encoding: chunked" in head.lower():
        return body.endswith(b"0\r\n\r\n")
    length = re.search(rb"\r\ncontent-length: (\d+)", head, re.I)
    return bool(length) and len(body) >= int(length[1]) if length else head.startswith(b"HTTP/1.1 3")


def request(
    method: str,
    path: str,
    headers: dict[str, str] | list[tuple[str, str]],
    body: bytes = b"",
    *,
    host: str | None = HOST,
) -> bytes:
    """Return the bytes of a request, with whatever is in it; a length is added where there is a body."""
    pairs = list(headers.items()) if isinstance(headers, dict) else headers
    own = [("Host", host)] if host is not None else []
    own += [("Content-Length", str(len(body)))] if body or method == "POST" else []
    lines = "".join(f"{name}: {value}\r\n" for name, value in [*own, *pairs])
    return f"{method} {path} HTTP/1.1\r\n{lines}Connection: close\r\n\r\n".encode("utf-8", "surrogatepass") + body
