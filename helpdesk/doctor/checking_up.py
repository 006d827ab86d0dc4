"""What a worker does for the doctor: check-ups of what takes a network or long (helpdesk/services/check_ups.py)."""

from __future__ import annotations

import time

from helpdesk.doctor import checks, examining
from helpdesk.services import check_ups

# Seconds between two looks whether one is due: an operator who pressed the button waits for it.
BETWEEN_LOOKS = 5.0


class CheckingUp:
    """Makes the check-up that is due, of this process."""

    def __init__(self) -> None:
        self._due = 0.0

    def do_what_is_due(self) -> None:
        """Make it, where one is due. Raises django.db.Error when the database is away."""
        if time.monotonic() < self._due:
            return
        self._due = time.monotonic() + BETWEEN_LOOKS
        if check_ups.begin():
            check_ups.end(findings=[each.as_json() for each in examining.examine(checks.SLOW)])
