"""The door before Django: what may hash a password waits here for its turn (accounts/turns.py), or is sent away.

Nothing of the request is looked at but its address and its language: no session, no name, no limit is read or counted,
and no query is made for those who are sent away. They are sent the page "busy, trying again", which Django has drawn
once for each language and number of seconds, so that sending thousands away costs less than the pages that they are not
to keep from people.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.urls import reverse

from accounts import try_again, turns
from accounts.browser import language
from accounts.middleware import HASHING
from esr_portal.request_figures import PAGE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    Head = tuple[str, list[tuple[str, str]]]


def with_a_door(application: WSGIApplication) -> WSGIApplication:
    """Return `application` as it is to be served: let in by turns what may hash, and everything else at once."""
    hashing = {reverse(name): name for name in HASHING}
    drawn: dict[tuple[str, str, int], tuple[Head, bytes]] = {}

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if environ["REQUEST_METHOD"] != "POST" or path not in hashing or _is_refused(environ):
            return application(environ, start_response)
        if not _read_body(environ):
            start_response("400 Bad Request", [("Content-Length", "0")])
            return []
        try:
            with turns.hold():
                return application(environ, start_response)
        except turns.Busy:
            try_again.count(path)
            environ[PAGE] = hashing[path]
        page = environ["wsgi.url_scheme"], language.of(environ), try_again.seconds()
        if page not in drawn:
            drawn[page] = _draw(application, *page)
        (status, headers), body = drawn[page]
        start_response(status, [*headers])
        return [body]

    return answer


def _is_refused(environ: WSGIEnvironment) -> bool:
    """Return whether Django refuses a form whatever is in it: redirected to TLS, or larger than any (body_limit)."""
    without_tls = settings.SECURE_SSL_REDIRECT and environ["wsgi.url_scheme"] != "https"
    return without_tls or _length(environ) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE


def _read_body(environ: WSGIEnvironment) -> bool:
    """Read a form to its end, for Django to read it again; return whether it came whole.

    The web server calls us when it has the head of a request, and lets us wait for the rest (granian, callbacks.rs).
    A browser that is slow must not have a place meanwhile. Where less came than was announced, the browser has hung up,
    and half a password is no try.
    """
    length = max(0, _length(environ))
    if not length:
        return True
    try:
        body = environ["wsgi.input"].read(length)
    except OSError:
        return False
    environ["wsgi.input"] = io.BytesIO(body)
    return len(body) == length


def _length(environ: WSGIEnvironment) -> int:
    """Return how many bytes the body has. Of what is no number Django reads nothing."""
    try:
        return int(environ.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def _draw(application: WSGIApplication, scheme: str, in_language: str, seconds: int) -> tuple[Head, bytes]:
    """Return what the portal answers when it is busy, with the headers that each of its answers has.

    Asked for with a request of our own, so that nothing that was sent can be in it.
    """
    heads: list[Head] = []

    def start(status: str, headers: list[tuple[str, str]], *exc_info: Any) -> Callable[[bytes], object]:
        heads.append((status, headers))
        return lambda _: None

    environ: WSGIEnvironment = {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": reverse(HASHING[0]),
        "QUERY_STRING": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "443",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": scheme,
        "HTTP_ACCEPT_LANGUAGE": in_language,
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(),
        try_again.SENT_AWAY_FOR: seconds,
    }
    answer = application(environ, start)
    body = b"".join(answer)
    if hasattr(answer, "close"):
        answer.close()
    return heads[0], body
