"""Seal the security events of the days that are over: manage.py seal_events. The daily tidy_up does so too."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, ProgrammingError

from accounts import event_chain
from accounts.models import EventSeal
from accounts.models.security_event import Event
from accounts.services import event_seals

if TYPE_CHECKING:
    from django.core.management.base import CommandParser


class Command(BaseCommand):
    """Seal, and say the head of the chain. Stopping it, and running it twice, does no harm."""

    help = "Seal the security events of each day that is over, and print the head of the chain of seals."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add --as-they-are."""
        parser.add_argument(
            "--as-they-are",
            nargs=2,
            metavar=("DAY", "KIND"),
            help="Seal the events of one day and kind, like 2026-10-05 logged_in, as they are now, after you have "
            "looked at what verify_events says of them. It says so from then on.",
        )

    def handle(self, *, as_they_are: list[str] | None, **options: Any) -> None:
        """Seal, and say the head."""
        try:
            if as_they_are:
                self._seal_as_they_are(*as_they_are)
            else:
                self.stdout.write(f"{event_seals.seal_closed_days()} days sealed")
        except event_seals.ChainBroken as error:
            raise CommandError("SECOND_STEP_KEYS has not the key of the newest seal, or it is forged.") from error
        except (OperationalError, ProgrammingError) as error:
            raise CommandError(f"The database does not answer, or needs manage.py migrate first. {error}") from error
        newest = EventSeal.objects.last()
        self.stdout.write(f"head of the chain: {event_chain.head_of(newest) if newest else 'none yet'}")

    def _seal_as_they_are(self, day: str, kind: str) -> None:
        if kind not in Event.values:
            raise CommandError(f"No kind of event is {kind!r}: logged_in is one.")
        try:
            event_seals.seal_as_they_are(day=datetime.date.fromisoformat(day), kind=kind)
        except ValueError as error:
            raise CommandError("That is no day that is sealed. A day is written 2026-10-05.") from error
        self.stdout.write(f"{day} {kind} sealed as they are")
