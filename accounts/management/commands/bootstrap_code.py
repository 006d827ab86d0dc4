"""manage.py bootstrap_code: a code for a person who has lost every second step."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.identifiers import normalise_username
from accounts.models import User
from accounts.services.second_step import bootstrap_codes


class Command(BaseCommand):
    """Make the code; the rules are in accounts/services/second_step/bootstrap_codes.py."""

    help = (
        "Print a code with which a person who has lost every second step sets up a new one at their next log-in, after "
        "their password. It works once, and an older one ends. Be sure that it is they who ask before you read it out."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the person."""
        parser.add_argument("--username", required=True, help="Of a person on record, like 999JSMITH01.")

    def handle(self, *, username: str, **options: Any) -> None:
        """Print the code, which cannot be had again, and until when it works."""
        person = User.objects.filter(username=normalise_username(username)).first()
        if person is None:
            raise CommandError(f"There is no person with the username {username}.")
        code = bootstrap_codes.make(user=person, by=None)
        ends_at = person.bootstrap_code.ends_at
        self.stdout.write(f"{person}, {person.get_full_name()}: {code}")
        self.stdout.write(f"It works once, until {ends_at:%Y-%m-%d %H:%M} UTC: under “I have lost my second step”.")
