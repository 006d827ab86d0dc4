"""Decide recovery requests, send mail and file security events for the search, until stopped."""

from __future__ import annotations

import contextlib
import logging
import os
import select
import signal
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand
from django.db import Error as DatabaseIsAway
from django.db import connection

from accounts import clocks
from accounts.jobs import Filing, Worker

if TYPE_CHECKING:
    from types import FrameType

    from django.core.management.base import CommandParser

logger = logging.getLogger("esr_portal.worker")

# Seconds. A person is waiting for the mail; looking costs two short reads.
BETWEEN_LOOKS = 1.0
BETWEEN_LOOKS_WITHOUT_DATABASE = 2.0


class Stop:
    """Notes SIGTERM and SIGINT, and sleeps until one comes."""

    def __init__(self) -> None:
        self.asked = False
        # A signal that comes just before the sleep must end it too, hence a pipe rather than a flag alone.
        self._read, self._write = os.pipe()
        os.set_blocking(self._write, False)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self.asked = True
        with contextlib.suppress(BlockingIOError):
            os.write(self._write, b".")

    def sleep(self, seconds: float) -> None:
        """Return after `seconds`, or at once when stopped."""
        select.select([self._read], [], [], seconds)


class Command(BaseCommand):
    """Run a worker. Several may run side by side, on one machine or on many."""

    help = "Decide recovery requests and send mail until stopped (SIGTERM or Ctrl-C ends it after the mail in hand)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add --once."""
        parser.add_argument("--once", action="store_true", help="Do what is due now, then stop.")

    def handle(self, *args: Any, once: bool = False, **options: Any) -> None:
        """Work until stopped, or with `once` until nothing is due."""
        if once:
            Worker().do_what_is_due()
            return
        stop = Stop()
        worker, filing = Worker(stopping=lambda: stop.asked), Filing()
        logger.info("started")
        clocks.log_disagreement()
        while not stop.asked:
            stop.sleep(_look(worker, filing))
        logger.info("stopped")


def _look(worker: Worker, filing: Filing) -> float:
    """Do what is due; return how many seconds to wait until the next look."""
    try:
        worker.do_what_is_due()
        filing.do_what_is_due()
    except DatabaseIsAway as error:
        # Only the kind: the text may repeat what is in a row.
        logger.error("database is away", extra={"error": type(error).__name__})
        connection.close()
        return BETWEEN_LOOKS_WITHOUT_DATABASE
    return BETWEEN_LOOKS
