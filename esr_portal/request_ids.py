"""An id for each request: made here, or by the proxy in front, which writes the same one into its own log.

It is believed of TRUSTED_PROXIES alone and in two forms: nginx's $request_id, and a UUID as other proxies make them.
What else is sent, by a stranger or by a proxy that passes it on, is not repeated anywhere.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from accounts import this_request
from esr_portal.forwarded import FROM_TRUSTED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

HEADER = "X-Request-ID"
_BELIEVED = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)


def with_request_ids(application: WSGIApplication) -> WSGIApplication:
    """Return `application` as it is to be served: each request with an id, which is in the answer's header too."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        given = environ.get("HTTP_X_REQUEST_ID", "") if environ.get(FROM_TRUSTED) else ""
        request_id = given if _BELIEVED.fullmatch(given) else this_request.new_id()

        def start(status: str, headers: list[tuple[str, str]], *exc_info: Any) -> Callable[[bytes], object]:
            return start_response(status, [*headers, (HEADER, request_id)], *exc_info)

        with this_request.named(request_id):
            return application(environ, start)

    return answer
