"""The portal on a port, over TLS, inside the process of the tests: their clock and their mail server are its own."""

from __future__ import annotations

import contextlib
import socket
import ssl
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import trustme
from django.core.servers.basehttp import ThreadedWSGIServer
from django.test.testcases import QuietWSGIRequestHandler

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

    from accounts.turns import Turns

# The browser is told that this name is this machine.
HOST = "esr.example.nhs.uk"
# Seconds that the threads of closed connections may take to end.
PATIENCE = 10


class LivePortal:
    """A running portal at `url`, for browsers, and at `inner_url`, for programs, who do not know the browser's name.

    The certificate is made up and lasts as long as this object; `authority` is the one to trust it by (PEM). `turns` is
    how many of its requests may wait for a hash.
    """

    def __init__(self, application: WSGIApplication, *, turns: Turns) -> None:
        self.turns = turns
        made_up = trustme.CA()
        self.authority: bytes = made_up.cert_pem.bytes()
        self._server = _TLSServer(("127.0.0.1", 0), _Handler, certificate=_certificate(made_up))
        self._server.set_app(application)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.url = f"https://{HOST}:{self._server.server_port}"
        self.inner_url = f"https://localhost:{self._server.server_port}"

    def start(self) -> None:
        """Serve until stopped."""
        self._thread.start()

    def stop(self) -> None:
        """Stop serving, and wait until each connection is closed: a request's thread keeps one to the database."""
        self._server.shutdown()
        self._server.close_connections()
        self._server.server_close()
        self._thread.join(timeout=10)


class _Handler(QuietWSGIRequestHandler):
    def get_environ(self) -> WSGIEnvironment:
        return {**super().get_environ(), "HTTPS": "on"}


class _TLSServer(ThreadedWSGIServer):
    daemon_threads = True

    def __init__(self, *args: Any, certificate: ssl.SSLContext, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._certificate = certificate
        self._open: set[ssl.SSLSocket] = set()

    def get_request(self) -> tuple[socket.socket, Any]:
        # The handshake is left to the thread of the request: a browser opens connections that it may never use.
        plain, address = super().get_request()
        secret = self._certificate.wrap_socket(plain, server_side=True, do_handshake_on_connect=False)
        self._open.add(secret)
        return secret, address

    def close_request(self, request: Any) -> None:
        """Close a connection, and that of its thread to the database."""
        super().close_request(request)
        self._open.discard(request)

    def close_connections(self) -> None:
        """Close what browsers keep open for their next request; wait for the threads that read there."""
        for connection in [*self._open]:
            with contextlib.suppress(OSError):
                socket.socket.shutdown(connection, socket.SHUT_RDWR)
        until = time.monotonic() + PATIENCE
        while self._open and time.monotonic() < until:
            time.sleep(0.02)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of connections that a browser gave up; a failing page is logged and answered by Django."""


def _certificate(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    issued = authority.issue_cert(HOST, "localhost")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "certificate.pem"
        issued.private_key_and_cert_chain_pem.write_to_path(str(path))
        context.load_cert_chain(path)
    return context
