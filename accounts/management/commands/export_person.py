"""manage.py export_person USERNAME --file FILE."""

from __future__ import annotations

import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, ProgrammingError

from accounts.identifiers import normalise_username
from accounts.models import User
from accounts.services import own_data


class Command(BaseCommand):
    """Write what is kept of one person into a file; the rules are in accounts/services/own_data.py."""

    help = (
        "Write what is kept of one person into a new file (JSON), for that person. Be sure that it is they who ask: "
        "see docs/data.md. It is a security event, and the person is told by mail while they are in force."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the person, the file, and how much."""
        parser.add_argument("username", metavar="USERNAME", help="Like 999JSMITH01.")
        parser.add_argument("--file", required=True, help="A file that is not there yet. Its owner alone can read it.")
        parser.add_argument(
            "--in-full",
            action="store_true",
            help="With the date of birth, network addresses and the helpdesk's notes, which may be about others too.",
        )

    def handle(self, *, username: str, file: str, in_full: bool, **options: Any) -> None:
        """Write the file."""
        try:
            user = User.objects.select_related("organisation").filter(username=normalise_username(username)).first()
            if user is None:
                raise CommandError("Nobody on record has this username.")
            # Never over another file, and for its owner alone from the first byte on.
            number = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with open(number, "w", encoding="utf-8") as opened:  # noqa: PTH123 - opened by its number.
                opened.writelines(own_data.hand_out_by_operator(user=user, in_full=in_full))
        except OSError as error:
            raise CommandError(f"{file} cannot be written: {error.strerror}.") from error
        except (OperationalError, ProgrammingError) as error:
            raise CommandError(f"The database does not answer, or needs manage.py migrate first. {error}") from error
        self.stdout.write(f"Written to {file}. Delete it once its person has it.")
