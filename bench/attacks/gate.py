"""A door before a server of the rig's that can be shut: connections are refused then, as where nothing listens."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

VARIABLE = "ATTACKS_CARE_IDENTITY"
CLIENT_SECRET = "made-up-for-the-attacks-alone"  # noqa: S105 - nobody else's.


def lead_to_the_rigs(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Let the portal take the rig's Care Identity for its own: a middleware of a rig that has one."""
    from django.conf import settings

    def answer(request: HttpRequest) -> HttpResponse:
        settings.CARE_IDENTITY_DISCOVERY_URL = os.environ[VARIABLE]
        return get_response(request)

    return answer


class Gate:
    """Listens at `port` and passes on what comes to the server at `behind`."""

    def __init__(self, behind: int) -> None:
        self._behind = behind
        self._listening: socket.socket | None = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        self._serve()

    def shut(self) -> None:
        """Refuse connections from now on."""
        if self._listening is not None:
            # A thread that waits in `accept` keeps the socket, and the port, until it is woken.
            with contextlib.suppress(OSError):
                self._listening.shutdown(socket.SHUT_RDWR)
            self._listening.close()
            self._listening = None

    def open(self) -> None:
        """Take connections again, at the same port."""
        if self._listening is None:
            self._listening = socket.create_server(("127.0.0.1", self.port))
            self._serve()

    def _serve(self) -> None:
        threading.Thread(target=self._accept, args=(self._listening,), daemon=True).start()

    def _accept(self, listening: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                here, _ = listening.accept()
                threading.Thread(target=self._connect, args=(here,), daemon=True).start()

    def _connect(self, here: socket.socket) -> None:
        with here, contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self._behind)) as there:
            back = threading.Thread(target=_pass_on, args=(there, here), daemon=True)
            back.start()
            _pass_on(here, there)
            back.join()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    for end in (source, target):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
