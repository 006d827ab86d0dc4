"""Hand out the security events as JSON lines: manage.py events_as_json."""

from __future__ import annotations

import contextlib
import datetime
import fcntl
import logging
import os
import sys
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError
from django.db import InterfaceError, OperationalError, connection

from accounts.management.commands.work import Stop
from accounts.services import shipping_events

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.core.management.base import CommandParser

logger = logging.getLogger("esr_portal.events")

# Seconds. A system that watches is told of an event within about two of these.
BETWEEN_LOOKS = 2.0
# Seconds. While the database is away the log says so at once, and then this often.
BETWEEN_COMPLAINTS = 300.0
# For a transaction that goes on writing events: an import of many people takes minutes.
WAIT = datetime.timedelta(seconds=30)


class CursorFile:
    """The cursor, in a file: written as a whole or not at all, after the lines are out. One process has it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextlib.contextmanager
    def held(self) -> Iterator[CursorFile]:
        """Keep other processes from this file. Raises CommandError."""
        try:
            with _ours_alone(self._path.with_name(f"{self._path.name}.lock")) as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                yield self
        except BlockingIOError:
            raise CommandError("Another process hands out events with this --cursor-file.") from None

    def read(self) -> int | None:
        """Return the cursor, or None where there is no file yet."""
        try:
            return int(self._path.read_text(encoding="ascii"))
        except FileNotFoundError:
            return None
        except ValueError:
            raise CommandError("There is no cursor in --cursor-file: a whole number is.") from None

    def write(self, cursor: int) -> None:
        """Keep the cursor, so that it outlives a power cut."""
        new = self._path.with_name(f"{self._path.name}.new")
        with _ours_alone(new) as file:
            file.write(f"{cursor}\n")
            file.flush()
            os.fsync(file.fileno())
        new.replace(self._path)
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


class Command(BaseCommand):
    """Write the events after a cursor to standard output, and keep or say the new cursor."""

    help = (
        "Write the security events after a cursor as JSON lines to standard output, in the order of their ids, each "
        "once. The new cursor goes into --cursor-file, or to standard error."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add where to begin, and whether to go on."""
        parser.add_argument("--after", type=int, help="The id after which to begin. Default: all events.")
        parser.add_argument(
            "--cursor-file", type=Path, help="Begin after the id in this file, and keep the new one there."
        )
        parser.add_argument("--follow", action="store_true", help="Go on until stopped (SIGTERM or Ctrl-C).")

    # By the clock that only goes forward: when the log last said that the database is away.
    _complained_at = -BETWEEN_COMPLAINTS

    def handle(self, *, after: int | None, cursor_file: Path | None, follow: bool, **options: Any) -> None:
        """Hand out, once or until stopped."""
        if cursor_file is not None:
            _check(cursor_file, after)
        with CursorFile(cursor_file).held() if cursor_file else contextlib.nullcontext() as kept:
            cursor = (kept.read() if kept else None) or after or 0
            try:
                self._hand_out(cursor, kept, follow=follow)
            except BrokenPipeError:
                # What the reader did not take is handed out next time. Python would complain at its end.
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
                raise CommandError("Standard output was closed. What was not taken is handed out next time.") from None

    def _hand_out(self, cursor: int, kept: CursorFile | None, *, follow: bool) -> None:
        stop = Stop() if follow else None
        cursor = self._hand_out_what_there_is(cursor, kept, stop)
        while stop is not None and not stop.asked:
            stop.sleep(BETWEEN_LOOKS)
            if not stop.asked:
                cursor = self._hand_out_what_there_is(cursor, kept, stop)
        if kept is None:
            self.stderr.write(f"cursor: {cursor}", self.style.NOTICE)

    def _hand_out_what_there_is(self, cursor: int, kept: CursorFile | None, stop: Stop | None) -> int:
        """Write the lines, and move the cursor behind those that are out; return it."""
        for lines, behind in self._batches(cursor, follow=stop is not None):
            self.stdout.write(lines, ending="")
            self.stdout.flush()
            cursor = behind
            if kept:
                kept.write(cursor)
            if stop and stop.asked:
                break
        return cursor

    def _batches(self, cursor: int, *, follow: bool) -> Iterator[tuple[str, int]]:
        try:
            yield from shipping_events.batches(after=cursor, within=WAIT)
        except shipping_events.UnknownCursor as error:
            raise CommandError(
                f"No event is as new as the cursor {cursor}: it is from another database. docs/operations.md says what "
                "to do after a back-up was restored."
            ) from error
        except (OperationalError, InterfaceError) as error:
            # Only the kind, as its driver says it: the text may repeat what is in a row.
            kind = type(error.__cause__ or error).__name__
            if not follow:
                raise CommandError(f"The database does not answer ({kind}). Run it again.") from error
            self._complain(kind)
            connection.close()
        else:
            self._complained_at = -BETWEEN_COMPLAINTS

    def _complain(self, kind: str) -> None:
        if time.monotonic() >= self._complained_at + BETWEEN_COMPLAINTS:
            self._complained_at = time.monotonic()
            logger.error("database is away", extra={"error": kind})


def _ours_alone(path: Path) -> IO[str]:
    """Open a file to be written, which no other user of the machine may read or write, whatever their umask says.

    A cursor that another moves on would hide events, and a lock that another holds would stop them all.
    """
    opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    os.fchmod(opened, 0o600)
    return os.fdopen(opened, "w", encoding="ascii")


def _check(cursor_file: Path, after: int | None) -> None:
    if after is not None and cursor_file.exists():
        raise CommandError("Give --after or a --cursor-file that is there, not both.")
    if not os.access(cursor_file.parent, os.W_OK):
        raise CommandError("The folder of --cursor-file cannot be written to.")
