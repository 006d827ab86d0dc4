"""Headers that belong to the connection and not to the page, so that Django may not set them (PEP 3333, hop-by-hop)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

# In the place of the web server's own name, which tells an attacker whose faults to try (OWASP ASVS 13.4).
SERVER = "ESR"


def with_last_headers(application: WSGIApplication) -> WSGIApplication:
    """Return `application` as it is to be served: without the name of the web server.

    After 413 the connection is closed: its body is still on the way, and would be read as the next request, or waited
    for to its end (RFC 9110, 15.5.14).
    """

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *exc_info: Any) -> Callable[[bytes], object]:
            closing = [("Connection", "close")] if status.startswith("413") else []
            return start_response(status, [*headers, ("Server", SERVER), *closing], *exc_info)

        return application(environ, start)

    return answer
