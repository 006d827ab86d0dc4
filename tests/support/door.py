"""A browser whose requests come through the door before Django, as in production (esr_portal/door.py)."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse
from django.test.client import ClientHandler

from accounts import try_again
from esr_portal.door import with_a_door
from tests.support.steps import PortalClient

if TYPE_CHECKING:
    from collections.abc import Iterable


class _BehindTheDoor(ClientHandler):
    """Django's handler of tests, with what the door sends away itself made an answer of Django's."""

    def __call__(self, environ: dict[str, Any]) -> Any:
        inner = super().__call__
        heads: list[tuple[str, list[tuple[str, str]]]] = []

        def application(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
            response: Any = inner(environ)
            start(f"{response.status_code} {response.reason_phrase}", [*response.items()])
            # Closed by now: once more would close the test's connection to the database.
            return [response.content] if try_again.SENT_AWAY_FOR in environ else response

        def start(status: str, headers: list[tuple[str, str]], *exc_info: Any) -> None:
            heads.append((status, headers))

        environ = {"wsgi.errors": io.StringIO(), **environ}
        answer = with_a_door(application)(environ, start)  # type: ignore[arg-type]
        if isinstance(answer, HttpResponse):
            return answer
        status, headers = heads[-1]
        response = HttpResponse(b"".join(answer), status=int(status.split()[0]), headers=dict(headers))
        response.wsgi_request = WSGIRequest(environ)  # type: ignore[attr-defined]
        return response


class DoorClient(PortalClient):
    """A browser over TLS, through the door."""

    def __init__(self, *, enforce_csrf_checks: bool = False) -> None:
        super().__init__(enforce_csrf_checks=enforce_csrf_checks)
        self.handler = _BehindTheDoor(enforce_csrf_checks)
