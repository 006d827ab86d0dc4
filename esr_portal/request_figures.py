"""Requests, counted by page, method and status: outside of Django, so that what waits at the door counts too.

A page is the name of its address in urls.py, or one of two words. A path is no label: strangers make those up.
"""

from __future__ import annotations

import sys
import time
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django import db
from django.conf import settings
from django.core.signals import got_request_exception
from prometheus_client import Counter, Histogram

from accounts.figures import REGISTRY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

# Where the web server's environment of a request has the name of its page, once that is known.
PAGE = "esr_portal.page"
STATIC, UNKNOWN = "static", "unknown"
_METHODS = {"GET": "GET", "HEAD": "GET", "POST": "POST"}
_OTHER = "other"

REQUESTS = Counter(
    "esr_requests", "Requests by page, method and status.", ["page", "method", "status"], registry=REGISTRY
)
REQUEST_TIME = Histogram(
    "esr_request_seconds",
    "How long requests took in the portal, the wait for a hash included.",
    ["page", "method"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0),
    registry=REGISTRY,
)
DATABASE_ERRORS = Counter(
    "esr_database_errors", "Requests that an error of the database ended, by kind.", ["kind"], registry=REGISTRY
)
FAILURES = Counter("esr_failures", "Requests that an error of ours ended, which are answered 500.", registry=REGISTRY)
_OF_THE_DATABASE = {
    kind: DATABASE_ERRORS.labels(kind.__name__)
    for kind in (db.OperationalError, db.InterfaceError, db.IntegrityError, db.DataError, db.ProgrammingError, db.Error)
}


def counted(application: WSGIApplication) -> WSGIApplication:
    """Return `application` as it is to be served: each request is counted, with how long it took."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        began = time.perf_counter()
        status = "500"

        def start(line: str, headers: list[tuple[str, str]], *exc_info: Any) -> Callable[[bytes], object]:
            nonlocal status
            status = line[:3]
            return start_response(line, headers, *exc_info)

        try:
            return application(environ, start)
        finally:
            _count(_page(environ), _METHODS.get(environ["REQUEST_METHOD"], _OTHER), status, time.perf_counter() - began)

    return answer


def _count(page: str, method: str, status: str, seconds: float) -> None:
    _requests(page, method, status).inc()
    _times(page, method).observe(seconds)


# Looking a series up costs as much as counting.
@lru_cache(maxsize=4096)
def _requests(page: str, method: str, status: str) -> Counter:
    return REQUESTS.labels(page, method, status)


@lru_cache(maxsize=1024)
def _times(page: str, method: str) -> Histogram:
    return REQUEST_TIME.labels(page, method)


def _page(environ: WSGIEnvironment) -> str:
    name: str | None = environ.get(PAGE)
    if name is not None:
        return name
    return STATIC if environ.get("PATH_INFO", "").startswith(settings.STATIC_URL) else UNKNOWN


def count_failures() -> None:
    """From now on count what Django answers with its page about an error. For the web server."""
    got_request_exception.connect(_count_failure, dispatch_uid="esr_portal.count_failure")


def _count_failure(**kwargs: Any) -> None:
    error = sys.exc_info()[1]
    for kind, number in _OF_THE_DATABASE.items():
        if isinstance(error, kind):
            number.inc()
            return
    FAILURES.inc()
