"""manage.py createsuperuser, Django's own, which knows no organisation and no second step: says what to type."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.management.commands import createsuperuser
from django.core.management import CommandError


class Command(createsuperuser.Command):
    """Refuses, whatever it is given."""

    help = "Not for this portal: use create_admin."

    def run_from_argv(self, argv: list[str]) -> None:
        """Answer as `execute` does, also to options that are not known."""
        super().run_from_argv(argv[:2])

    def execute(self, *args: Any, **options: Any) -> None:
        """Raise CommandError before anything is asked or looked up."""
        raise CommandError(
            "An operator of this portal has an organisation, a date of birth and a second step, and gets a link to set "
            "a password. Type: manage.py create_admin"
        )
