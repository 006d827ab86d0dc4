"""End what a restored back-up has revived: manage.py after_restore."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, ProgrammingError

from accounts.services import restoring


class Command(BaseCommand):
    """End sessions, links and half-finished things, and say how many. Running it twice does no harm."""

    help = (
        "After restoring a back-up and before the services start: end all sessions, half-finished log-ins, recovery "
        "links and requests, and what the helpdesk had begun, and forget remembered browsers. People log in again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take who was erased since."""
        parser.add_argument(
            "--erased",
            type=Path,
            metavar="FILE",
            help="Lines of the log, or of events_as_json, since the back-up: the people whom they say were erased "
            "(person_erased) are erased again. See docs/data.md.",
        )

    def handle(self, *, erased: Path | None, **options: Any) -> None:
        """End it, and say how much there was of each kind."""
        try:
            lines = erased.read_text(encoding="utf-8").splitlines() if erased else []
            again = restoring.erase_again(lines=lines)
            ended = restoring.end_what_was_revived()
        except OSError as error:
            raise CommandError(f"{erased} cannot be read: {error.strerror}. Nothing was ended.") from error
        except restoring.NotALine as line:
            raise CommandError(f"Line {line} of {erased} is not one of the log. Nothing was ended.") from line
        except (OperationalError, ProgrammingError) as error:
            raise CommandError(
                f"Nothing was ended: the database does not answer, or needs manage.py migrate first. {error}"
            ) from error
        self.stdout.write(f"sessions of people who were logged in: {ended.sessions} ended")
        self.stdout.write(f"half-finished log-ins and recoveries: {ended.half_finished} ended")
        self.stdout.write(f"recovery links that could still be used: {ended.links} ended")
        self.stdout.write(f"recovery requests that were not decided: {ended.requests} deleted")
        self.stdout.write(f"recovery mails that were not sent: {ended.mails} will not be sent")
        self.stdout.write(
            f"browsers remembered as having passed the second step: {ended.remembered_browsers} forgotten"
        )
        self.stdout.write(f"checks, codes and waiting changes of the helpdesk: {ended.helpdesk} ended")
        self.stdout.write(f"people who had been erased since the back-up: {again} erased again")
        self.stdout.write(
            "What has happened since the back-up is not in it: passwords, leavers, withdrawn rights. "
            "docs/operations.md says what to do again."
        )
