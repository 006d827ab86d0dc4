"""Seal the secrets of second steps with the newest key: manage.py reseal_second_steps."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, ProgrammingError

from accounts.services import second_step


class Command(BaseCommand):
    """Reseal, and say how many. Stopping it, and running it twice, does no harm."""

    help = (
        "Seal the secrets of authenticator apps and recovery codes with the newest of SECOND_STEP_KEYS. Run it after a "
        "new key was put in front of the list; then the old one can be taken out."
    )

    def handle(self, **options: Any) -> None:
        """Reseal, and say how many rows that was."""
        try:
            done, closed = second_step.reseal()
        except (OperationalError, ProgrammingError) as error:
            raise CommandError(
                f"The database does not answer, or needs manage.py migrate first. Run it again. {error}"
            ) from error
        self.stdout.write(f"second steps: {done} sealed with the newest key")
        if closed:
            raise CommandError(
                f"{closed} cannot be opened with any of SECOND_STEP_KEYS, and were left as they are. Put the key that "
                "sealed them back at the end of the list."
            )
