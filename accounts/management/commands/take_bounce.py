"""manage.py take_bounce: read the notice of a mail that came back, from a mail server's pipe."""

from __future__ import annotations

import os
import sys
from typing import Any

from django.core.management.base import BaseCommand
from django.db import Error as DatabaseIsAway

from accounts.services import bounces


class Command(BaseCommand):
    """Read one notice; the rules are in accounts/services/bounces.py."""

    help = (
        "Read one delivery status notification (RFC 3464) from standard input and note that the mail of ours that it "
        "is about came back. A mail server runs it for each mail to BOUNCE_EMAIL."
    )

    def handle(self, **options: Any) -> None:
        """Read it. What is no notice of ours is no error: the mail server would send a notice about the notice."""
        notice = sys.stdin.buffer.read(bounces.LONGEST)
        # To the end: a mail server takes a pipe that closes early for a failure.
        while sys.stdin.buffer.read(64 * 1024):
            pass
        try:
            came_of_it = bounces.take(notice=notice)
        except DatabaseIsAway:
            self.stderr.write("The database is away. Try again later.")
            # EX_TEMPFAIL of sysexits.h: mail servers keep the notice and try again.
            sys.exit(os.EX_TEMPFAIL)
        self.stdout.write(f"Read: {came_of_it.value}.")
