"""A log line for many things that happened, a minute apart at most: what strangers cause must fill no log either."""

from __future__ import annotations

import datetime
import logging
import threading
from collections import Counter

from django.utils import timezone

# The first comes at once.
LOGGED_EVERY = datetime.timedelta(minutes=1)


class CountedLog:
    """Counts, by a word each, and logs the counts as lines with `message`; one for each process.

    `field` is what the word is called in the line. `level` is logging's.
    """

    def __init__(self, logger: logging.Logger, *, message: str, field: str, level: int = logging.INFO) -> None:
        self._logger, self._message, self._field, self._level = logger, message, field, level
        self._lock = threading.Lock()
        self._counted: Counter[str] = Counter()
        self._logged_at = datetime.datetime.min.replace(tzinfo=datetime.UTC)

    def add(self, word: str) -> None:
        """Count one for `word`; log all that were counted since the last lines, where those are LOGGED_EVERY ago."""
        now = timezone.now()
        with self._lock:
            self._counted[word] += 1
            if now - self._logged_at < LOGGED_EVERY:
                return
            counted, self._logged_at = dict(self._counted), now
            self._counted.clear()
        for each, number in counted.items():
            self._logger.log(self._level, self._message, extra={self._field: each, "count": number})
