"""Log lines as JSON, one object a line, so that a log collector can search them.

They hold no personal data but the id of a user and the network address that a request came from, and nothing to get in
with: of exceptions that quote what was typed or stored only the kind and the place are kept, and long tokens are taken
out of addresses. A line that was written while a request was answered has its id, and the code that a person reads out
from an error page. What every process does about what Python itself would write is in esr_portal/process_logs.py.
"""

from __future__ import annotations

import json
import logging
import re
import smtplib
import traceback
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import DataError
from django.db import Error as DatabaseError
from django.http import HttpRequest

from accounts import this_request

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

# For Django's LOGGING.
SETTINGS: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "esr_portal.logs.JSONFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "esr_portal": {"level": "INFO"},
        # Django would mail its admins; a log line is enough, and the mail would carry what people typed.
        "django": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
    },
}

# What every record carries; anything else was passed as `extra`.
_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}
# Django hands these over with its own lines; they hold what people typed, or cannot be written as text.
_NEVER_LOGGED = frozenset({"request", "params", "sql", "server_time", "exc_info"})
# A token of a mailed link has 43 of these or more (services/recovery, services/freezing.py); no word of an address of
# ours has as many.
_TOKEN = re.compile(r"[A-Za-z0-9_-]{40,}")
# Mail programs part or encode one, and the portal opens it all the same: nothing behind its address is written.
_MANGLED_TOKEN = re.compile(
    "(?:(?<=/recovery/link/)|(?<=/this-was-not-me/link/)|(?<=/confirm-address/link/)|(?<=/after-leaving/link/)).+",
    re.DOTALL,
)
# Their texts quote the value that they are about: a form's, a row's, a mail's.
_QUOTES_VALUES = (ValueError, LookupError, ValidationError, DataError, smtplib.SMTPException)
# The drivers' own errors, which Django's stand for; each is the cause of one.
_DRIVERS = ("psycopg", "sqlite3")


class JSONFormatter(logging.Formatter):
    """Write a record as one JSON object: time, level, logger, message, and the extra fields."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line for `record`."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": _TOKEN.sub("…", _MANGLED_TOKEN.sub("…", record.getMessage())),
        }
        if request_id := this_request.current_id():
            line |= {"request_id": request_id, "code": this_request.code(request_id)}
        line |= _who_asked(getattr(record, "request", None))
        line |= {k: v for k, v in record.__dict__.items() if k not in _STANDARD | _NEVER_LOGGED}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)

    def formatException(  # noqa: N802 (logging's name)
        self, ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
    ) -> str:
        """Return where an exception and those that led to it arose, and of each what is no personal data."""
        parts = [
            "".join(traceback.format_tb(error.__traceback__)) + _describe(error) for error in _first_to_last(ei[1])
        ]
        return "\n".join(parts)


def _who_asked(request: Any) -> dict[str, Any]:
    """Return where a request came from, and the id of the person who is logged in if that is known by now."""
    if not isinstance(request, HttpRequest):
        return {}
    # Asking `request.user` could ask the database, which may be what has failed (django.contrib.auth.middleware).
    user = getattr(request, "_cached_user", None)
    return {"address": request.META.get("REMOTE_ADDR", ""), "user": getattr(user, "pk", None)}


def _first_to_last(error: BaseException | None) -> Iterator[BaseException]:
    """Yield the exceptions that led to `error`, the first one first, and `error` itself."""
    chain: list[BaseException] = []
    while error is not None and error not in chain:
        chain.append(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return reversed(chain)


def _describe(error: BaseException) -> str:
    kind = type(error)
    name = f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins.")
    if isinstance(error, _QUOTES_VALUES) or name.startswith(_DRIVERS):
        return name
    # The first line says what; PostgreSQL quotes the row in those that follow.
    lines = str(error).splitlines()[:1] if isinstance(error, DatabaseError) else [str(error)]
    return ": ".join([name, *filter(None, lines)])
