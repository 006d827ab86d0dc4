"""Delete what the demo has made: manage.py clear_demo."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, ProgrammingError, connection

from accounts.services import demo_parts


class Command(BaseCommand):
    """Say what the demo has made in this database, and with --yes delete it."""

    help = (
        "Say what the demo has made in this database: people, organisations and what belongs to them, notices. "
        "With --yes delete it. Security events stay."
    )
    # Production refuses to start on a database with parts of the demo in it. This is what puts that right.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the word that it may be done."""
        parser.add_argument("--yes", action="store_true", help="Delete it.")
        parser.add_argument(
            "--with-people-added",
            action="store_true",
            help="Delete the people who were added to the demo's organisations too.",
        )

    def handle(self, **options: Any) -> None:
        """List it, and delete it where that was said."""
        try:
            self._handle(yes=options["yes"], with_people_added=options["with_people_added"])
        except (OperationalError, ProgrammingError) as error:
            raise CommandError(
                f"The database does not answer, or was not made yet by manage.py migrate. {error}"
            ) from error

    def _handle(self, *, yes: bool, with_people_added: bool) -> None:
        if not demo_parts.are_here():
            self.stdout.write("Nothing in this database was made by the demo.")
            return
        self._list(demo_parts.found(), with_people_added=with_people_added)
        if not yes:
            raise CommandError("Nothing was deleted. To delete what is listed, add --yes.")
        try:
            demo_parts.delete(with_people_added=with_people_added)
        except demo_parts.OthersArePeopleThere as others:
            raise CommandError(
                f"Nothing was deleted: people that the demo did not make are at its organisations ({others.count}). "
                "To delete them too, add --with-people-added."
            ) from others
        self._forget_the_key()
        self.stdout.write("Deleted. Security events stay, as they always do.")

    def _list(self, found: demo_parts.Found, *, with_people_added: bool) -> None:
        self.stdout.write("The demo has made in this database:")
        self._line("people", found.people)
        self._line("organisations", found.organisations)
        for what, count in found.others.items():
            self.stdout.write(f"  {what}: {count}")
        if found.people_added:
            goes = "to be deleted too" if with_people_added else "not the demo's"
            self._line(f"people added to these organisations, {goes}", found.people_added)

    def _line(self, what: str, names: list[str]) -> None:
        self.stdout.write(f"  {what}: {', '.join(names) or 'none'}")

    def _forget_the_key(self) -> None:
        """Delete the demo's key beside its SQLite file, by which the demo would know the folder again as its own."""
        if connection.vendor == "sqlite" and Path(connection.settings_dict["NAME"]).parent == settings.STATE_DIR:
            settings.DEMO_KEY_FILE.unlink(missing_ok=True)
