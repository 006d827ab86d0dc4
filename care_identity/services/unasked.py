"""What comes to the pages of Care Identity without having been asked for: counted in the log, and never stored.

Any page elsewhere can have a browser send it, by an image say, and any program as often as it likes.
"""

from __future__ import annotations

import datetime
import logging
import threading
from collections import Counter

from django.utils import timezone

logger = logging.getLogger("esr_portal.care_identity")

# A line of each process in so long at most, so that a flood fills no log either. The first comes at once.
LOGGED_EVERY = datetime.timedelta(minutes=1)


class Count:
    """What was not asked for, by reason, since it was last logged; one for each process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counted: Counter[str] = Counter()
        self._logged_at = datetime.datetime.min.replace(tzinfo=datetime.UTC)

    def add(self, reason: str) -> None:
        """Count one for `reason`, a short code; log all that were counted, where the last line is long ago."""
        now = timezone.now()
        with self._lock:
            self._counted[reason] += 1
            if now - self._logged_at < LOGGED_EVERY:
                return
            counted, self._logged_at = dict(self._counted), now
            self._counted.clear()
        for each, number in counted.items():
            logger.info("not asked for", extra={"reason": each, "count": number})


COUNT = Count()
