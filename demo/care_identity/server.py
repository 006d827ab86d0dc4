"""The two listeners: plain http, and https that reads client certificates. Both serve one application."""

from __future__ import annotations

import signal
import socket
import ssl
import threading
from types import FrameType
from typing import TYPE_CHECKING, Any

from cheroot import wsgi
from cheroot.ssl.builtin import BuiltinSSLAdapter

from demo.care_identity import certificates
from demo.care_identity.certificates import Authority

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

# Seconds that requests may take to end when asked to stop; a slow misbehaviour is not waited for.
STOP_WITHIN = 1


class Listener(wsgi.Server):
    """A server on a socket that is already open."""

    def __init__(self, listening: socket.socket, application: WSGIApplication) -> None:
        super().__init__(
            listening.getsockname()[:2], application, numthreads=16, request_queue_size=128, timeout=20,
            shutdown_timeout=STOP_WITHIN,
        )  # fmt: skip
        self._listening = listening

    def bind(self, family: int, type: int, proto: int = 0) -> socket.socket:  # noqa: A002 - cheroot's name
        """Take the open socket."""
        self.socket = self._listening
        return self._listening

    def error_log(self, msg: str = "", level: int = 20, traceback: bool = False) -> None:
        """Say nothing of connections that a browser gave up or that showed a bad certificate."""
        if traceback:
            super().error_log(msg, level, traceback)


class CardReader(BuiltinSSLAdapter):
    """TLS with client certificates, where the browser has one."""

    def __init__(self, kept: Authority) -> None:
        super().__init__(str(kept.server), str(kept.server))
        self.context: ssl.SSLContext = certificates.context(kept)


def serve(*, plain: socket.socket, cards: socket.socket, application: WSGIApplication, kept: Authority) -> None:
    """Serve on both sockets until asked to stop."""
    listeners = [Listener(plain, application), Listener(cards, application)]
    listeners[1].ssl_adapter = CardReader(kept)
    stop = threading.Event()

    def ask(number: int, frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask)
    threads: list[threading.Thread] = []
    for listener in listeners:
        listener.prepare()
        threads.append(threading.Thread(target=listener.serve, daemon=True))
        threads[-1].start()
    stop.wait()
    for listener in listeners:
        listener.stop()


def listen(host: str, port: int) -> socket.socket:
    """Return an open socket. Raises OSError."""
    family: Any = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=128)
