"""Whether the web server of this machine is ready, as its unit asks."""

from __future__ import annotations

import http.server
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
import trustme

from esr_portal import ready
from esr_portal.configuration import web_server

if TYPE_CHECKING:
    from pytest_django import Settings


class Answering(http.server.BaseHTTPRequestHandler):
    """Answers as the server does that is ready."""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/health/ready" else 404)
        self.end_headers()
        self.wfile.write(b"ready")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serving(*, tls: bool) -> Iterator[int]:
    """Run a server until the block ends; yield its port."""
    with http.server.HTTPServer(("127.0.0.1", 0), Answering) as server:
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            trustme.CA().issue_cert("esr.example.nhs.uk").configure_cert(context)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield int(server.server_address[1])
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("tls", [False, True])
def test_a_server_that_ends_tls_itself_is_asked_by_tls(
    tls: bool, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    if tls:
        monkeypatch.setenv(web_server.OWN_TLS, "/etc/ssl/esr.pem")
    with serving(tls=tls) as port:
        settings.HOST, settings.PORT = "127.0.0.1", port
        assert ready.answer() == ""
    assert ready.answer() == "no answer"
