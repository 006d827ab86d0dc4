"""The page "busy, trying again": too many are waiting for a hash, so this browser is to come back.

It keeps nothing of what was sent: what is not kept cannot leak, and the page is the same bytes for every name and form.
The browser goes back to the form by itself, by a header that needs no script and names no address: after a POST it asks
for the same address with GET (tried with Chromium). Password managers fill the form in again.
"""

from __future__ import annotations

import functools
import logging
import secrets

from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import get_language

from accounts import figures
from accounts.counted_log import CountedLog

# How long the browser waits before it goes back: long enough to read the page, and no two need wait alike. Where all
# did, they would come back together and be sent away together.
SHORTEST, LONGEST = 6, 14
# Where the environment of a request says that it has been sent away, and for how many seconds (esr_portal/door.py).
SENT_AWAY_FOR = "esr_portal.sent_away_for"


def new_count() -> CountedLog:
    """Return a count that has counted nothing yet. Its words are the addresses of forms that hash a password."""
    return CountedLog(logging.getLogger("esr_portal.busy"), message="busy", field="path", level=logging.WARNING)


SENT_AWAY = new_count()


def count(path: str) -> None:
    """Count that a form sent to `path` was sent away, for the log and the figures."""
    SENT_AWAY.add(path)
    figures.TURNED_AWAY.inc()


def seconds() -> int:
    """Return for how many seconds to send the next one away, by chance alone: it says nothing of what was sent."""
    return SHORTEST + secrets.randbelow(LONGEST - SHORTEST + 1)


def page(*, seconds: int) -> HttpResponse:
    """Return the page, with 503, which takes the browser back after so many seconds."""
    response = HttpResponse(
        _body(get_language(), seconds),
        status=503,
        headers={"Retry-After": str(seconds), "Refresh": str(seconds)},
    )
    # It passes by the middleware that adds this.
    response.headers["Content-Length"] = str(len(response.content))
    # Django would write a line for each.
    response._has_been_logged = True  # type: ignore[attr-defined]  # noqa: SLF001
    return response


@functools.cache
def _body(language: str | None, seconds: int) -> bytes:
    """Return what the page says in a language. It is kept, because it is sent when there is least time."""
    return render_to_string("errors/busy.html", {"seconds": seconds}).encode()
