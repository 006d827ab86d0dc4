"""Compare the security events with their seals: manage.py verify_events."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import datetime
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, OperationalError, ProgrammingError

from accounts.models.last_run import Job
from accounts.services import last_runs, verifying_events
from accounts.services.verifying_events import Compared, Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.core.management.base import CommandParser

    from accounts.services.verifying_events import Told


def month(text: str) -> datetime.date:
    """Return the first day of a month like "2026-10"."""
    try:
        return datetime.datetime.strptime(text, "%Y-%m").replace(tzinfo=datetime.UTC).date()
    except ValueError:
        raise argparse.ArgumentTypeError("a month is written 2026-10") from None


class Command(BaseCommand):
    """Verify, and end with 1 where something is wrong. It changes no event and no seal."""

    help = (
        "Find security events that are missing, altered or added, by the seals of each day. Ends with 1 and names day, "
        "kind and event where there is one."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add --month and --head."""
        parser.add_argument("--month", type=month, help="This month alone, like 2026-10 (UTC). Default: all.")
        parser.add_argument(
            "--head",
            nargs="+",
            default=[],
            help="Heads that the log had (logger esr_portal.seals): finds that the end of the chain was cut off, and "
            "made anew.",
        )

    def handle(self, *, month: datetime.date | None, head: list[str], **options: Any) -> None:
        """Verify, and say what came of it month by month."""
        try:
            wrong = self._tell(verifying_events.verify(month=month, heads=head))
        except (OperationalError, ProgrammingError) as error:
            raise CommandError(
                f"Not verified: the database does not answer, or needs manage.py migrate first. {error}"
            ) from error
        if month is None:
            # It may be run on a copy that nothing can be written into.
            with contextlib.suppress(DatabaseError):
                last_runs.note(job=Job.VERIFY_EVENTS, went_well=not wrong)
        if wrong:
            raise CommandError(f"{wrong} findings. docs/operations.md says what to do.")

    def _tell(self, told: Iterator[Told]) -> int:
        """Say each finding, and the months; return how many findings there are."""
        wrong, month = 0, _Month()
        for each in told:
            if isinstance(each, Compared):
                if each.day.strftime("%Y-%m") != month.name:
                    self._say(month)
                    month = _Month(each.day.strftime("%Y-%m"))
                month.add(each)
            elif isinstance(each, Finding):
                wrong += 1
                self.stdout.write(self.style.ERROR(f"WRONG  {each}"))
            else:
                self.stdout.write(f"note   {each.sentence}")
        self._say(month)
        self.stdout.write(f"{wrong} findings" if wrong else "All as sealed.")
        return wrong

    def _say(self, month: _Month) -> None:
        if month.days:
            said = f"{month.events} events on {month.days} days compared, {month.gone} had gone by their age"
            self.stdout.write(f"{month.name}  {said}")


@dataclasses.dataclass(slots=True)
class _Month:
    name: str = ""
    days: int = 0
    events: int = 0
    gone: int = 0

    def add(self, day: Compared) -> None:
        self.days += 1
        self.events += day.events
        self.gone += day.gone
