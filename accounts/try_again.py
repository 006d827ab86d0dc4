"""The page "busy, trying again": too many are waiting for a hash, so this browser is to come back.

It keeps nothing of what was sent: what is not kept cannot leak, and the page is the same bytes for every name and form.
The browser goes back to the form by itself, by a header that needs no script and names no address: after a POST it asks
for the same address with GET (tried with Chromium). Password managers fill the form in again.
"""

from __future__ import annotations

import functools
import logging
import threading
import time

from django.http import HttpResponse
from django.template.loader import render_to_string

logger = logging.getLogger("esr_portal.busy")

# Long enough to be read; the line is shorter than that by far.
SECONDS = 10
_BETWEEN_LINES = 60.0

_lock = threading.Lock()
_sent_away = 0
_last_line = -_BETWEEN_LINES


def page() -> HttpResponse:
    """Return the page, with 503, and count it for the log."""
    _count()
    response = HttpResponse(_body(), status=503, headers={"Retry-After": str(SECONDS), "Refresh": str(SECONDS)})
    # It passes by the middleware that adds this.
    response.headers["Content-Length"] = str(len(response.content))
    # Django would write a line for each.
    response._has_been_logged = True  # type: ignore[attr-defined]  # noqa: SLF001
    return response


@functools.cache
def _body() -> bytes:
    """Return what the page says. It is kept, because it is sent when there is least time."""
    return render_to_string("errors/busy.html", {"seconds": SECONDS}).encode()


def _count() -> None:
    """Write one line a minute at most, with how many were sent away since the last one."""
    global _sent_away, _last_line  # noqa: PLW0603 - one count for each process.
    with _lock:
        _sent_away += 1
        if time.monotonic() - _last_line < _BETWEEN_LINES:
            return
        count, _sent_away, _last_line = _sent_away, 0, time.monotonic()
    logger.warning("busy", extra={"sent_away": count})
