"""Log lines as JSON, one object a line, so that a log collector can search them."""

import json
import logging
from datetime import UTC, datetime
from typing import Any

# What every record carries; anything else was passed as `extra`.
_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}
# Django hands these over with its own lines; they hold what people typed, or cannot be written as text.
_NEVER_LOGGED = frozenset({"request", "params", "sql", "server_time", "exc_info"})


class JSONFormatter(logging.Formatter):
    """Write a record as one JSON object: time, level, logger, message, and the extra fields."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line for `record`."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {k: v for k, v in record.__dict__.items() if k not in _STANDARD | _NEVER_LOGGED}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)
