"""Decide recovery requests, send mail, read what comes back, and do what else takes no request, until stopped."""

from __future__ import annotations

import contextlib
import logging
import os
import select
import signal
import threading
import time
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import Error as DatabaseIsAway
from django.db import connection

from accounts import clocks
from accounts.bounce_reading import BounceReading
from accounts.jobs import LONG, Filing, LongWorker, Worker, beside_the_mails
from accounts.pulse import Pulse
from accounts.services import daily_counts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from django.core.management.base import CommandParser

    from accounts.jobs import Work

logger = logging.getLogger("esr_portal.worker")

# Seconds. A person is waiting for the mail; looking costs two short reads.
BETWEEN_LOOKS = 1.0
BETWEEN_LOOKS_WITHOUT_DATABASE = 2.0
# Between two looks whether a day is to be counted, of this process; each is one at a time.
BETWEEN_COUNTS = 15.0
# A batch of an import is in the database by then. What is not goes back as it does when a worker is killed.
SECONDS_TO_LET_GO = 10


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

    help = (
        "Decide recovery requests, send mail, read what comes back, import files of people, count the days and file "
        "security events for the search, until stopped (SIGTERM or Ctrl-C ends it after the mail in hand, and the "
        "batch of an import)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add --once."""
        parser.add_argument(
            "--once", action="store_true", help="Import, decide, send and read what is due now, then stop."
        )

    def handle(self, *args: Any, once: bool = False, **options: Any) -> None:
        """Work until stopped, or with `once` until nothing is due."""
        if once:
            LongWorker().do_what_is_due()
            Worker().do_what_is_due()
            BounceReading().do_what_is_due()
            return
        stop, ended, pulse = Stop(), threading.Event(), Pulse()
        worker = Worker(stopping=lambda: stop.asked, came_round=pulse.do_what_is_due)
        beside = list(_threads(ended, pulse))
        logger.info("started")
        clocks.log_disagreement()
        for thread in beside:
            thread.start()
        while not stop.asked:
            stop.sleep(_look(worker))
        ended.set()
        for thread in beside:
            thread.join(SECONDS_TO_LET_GO)
        with contextlib.suppress(DatabaseIsAway):
            pulse.end()
        logger.info("stopped")


def _threads(ended: threading.Event, pulse: Pulse) -> Iterator[threading.Thread]:
    """Yield what runs beside the mails.

    A person waits for a mail: it waits for none of these, nor they for each other. A thread has a connection to the
    database of its own.
    """
    for kind in sorted(LONG):
        came_round = pulse.part(str(kind.label))
        worker = LongWorker(kinds={kind}, stopping=ended.is_set, came_round=came_round)
        yield _beside(worker, ended=ended, name=kind.value, came_round=came_round)
    name = "counting and filing"
    yield _beside(Counter(), Filing(), ended=ended, name=name, came_round=pulse.part(name))
    for name, make in sorted(beside_the_mails().items()):
        yield _beside(make(), ended=ended, name=name, came_round=pulse.part(name))
    if settings.BOUNCE_MAILBOX is not None:
        name = "reading what comes back"
        yield _beside(BounceReading(), ended=ended, name=name, came_round=pulse.part(name))


def _beside(
    *works: Work, ended: threading.Event, name: str, came_round: Callable[[], None] = lambda: None
) -> threading.Thread:
    """Return a thread that does what is due of `works` until `ended` is set; `came_round` is called after each look."""

    def work() -> None:
        while not ended.is_set():
            try:
                seconds = _look(*works, came_round=came_round)
            except Exception:
                # The mails go on meanwhile, and this goes on after it.
                logger.exception("failed beside the mails", extra={"work": name})
                seconds = BETWEEN_LOOKS_WITHOUT_DATABASE
            ended.wait(seconds)
        connection.close()

    return threading.Thread(target=work, name=name, daemon=True)


class Counter:
    """Counts the days whose turn it is, one a look, and no more often than BETWEEN_COUNTS where none is due."""

    def __init__(self) -> None:
        self._next_at = 0.0

    def do_what_is_due(self) -> None:
        """Count one day, where one is due. A day that cannot be counted keeps no mail back."""
        if time.monotonic() < self._next_at:
            return
        self._next_at = time.monotonic() + BETWEEN_COUNTS
        try:
            if daily_counts.count_next() is not None:
                self._next_at = 0.0
        except DatabaseIsAway:
            raise
        except Exception:
            logger.exception("a day could not be counted")


def _look(*works: Work, came_round: Callable[[], None] = lambda: None) -> float:
    """Do what is due, of one kind after the other; return how many seconds to wait until the next look.

    `came_round` is called where nothing failed.
    """
    try:
        for each in works:
            each.do_what_is_due()
        came_round()
    except DatabaseIsAway as error:
        # Only the kind, as its driver says it, "DiskFull" among them: the text may repeat what is in a row.
        logger.error("database is away", extra={"error": type(error.__cause__ or error).__name__})
        connection.close()
        return BETWEEN_LOOKS_WITHOUT_DATABASE
    return BETWEEN_LOOKS
