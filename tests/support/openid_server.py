"""HTTP for a provider in the tests' own process: requests are kept as they came, answers may be slow or broken."""

from __future__ import annotations

import dataclasses
import http.server
import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

# Seconds after which a slow answer ends by itself, if no test ended it.
SLOWEST = 30


@dataclasses.dataclass(slots=True)
class Answer:
    """What a path answers. `drips`: from "header" or "body" on a byte comes every tenth of a second."""

    body: bytes = b"{}"
    status: int = 200
    headers: dict[str, str] = dataclasses.field(default_factory=dict)
    is_silent: bool = False
    drips: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Asked:
    """A request that came."""

    method: str
    path: str
    headers: dict[str, str]
    form: dict[str, str]


class Server(http.server.ThreadingHTTPServer):
    """A server on a free port, which answers each request with what `respond` returns for it."""

    daemon_threads = True

    def __init__(self, respond: Callable[[Asked], Answer]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.respond = respond
        # Set at the end of a test: slow answers end.
        self.is_over = threading.Event()
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.005}, daemon=True)

    def start(self) -> None:
        """Answer until stopped."""
        self._thread.start()

    def stop(self) -> None:
        """Stop answering, and end the answers that are under way: a second time it does no harm."""
        self.is_over.set()
        if self._thread.is_alive():
            self.shutdown()
            self.server_close()
            self._thread.join(timeout=10)


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self._give(self.server.respond(self._asked({})))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: ",".join(values) for name, values in parse_qs(body, keep_blank_values=True).items()}
        self._give(self.server.respond(self._asked(form)))

    def log_message(self, *args: Any) -> None:
        """Say nothing."""

    def _asked(self, form: dict[str, str]) -> Asked:
        return Asked(self.command, self.path, dict(self.headers), form)

    def _give(self, answer: Answer) -> None:
        if answer.is_silent:
            self.server.is_over.wait(SLOWEST)
            return
        headers = {"Content-Type": "application/json", "Content-Length": str(len(answer.body)), **answer.headers}
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        header = f"HTTP/1.1 {answer.status} Said\r\n{head}Connection: close\r\n\r\n".encode()
        drops = {"": b"", "body": answer.body, "header": header + answer.body}[answer.drips]
        try:
            self.wfile.write((header + answer.body).removesuffix(drops) if drops else header + answer.body)
            self._drip(drops)
        except OSError:
            # The portal had enough.
            return

    def _drip(self, drops: bytes) -> None:
        for drop in drops:
            self.wfile.write(bytes([drop]))
            if self.server.is_over.wait(0.1):
                return
