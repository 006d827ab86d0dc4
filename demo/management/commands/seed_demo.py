"""Make the demo people: ``manage.py seed_demo``. `make run` does it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from demo import ownership, parts, seed


class Command(BaseCommand):
    """Makes what is missing of the demo's organisations, people and notices."""

    help = "Make the demo's organisations, people and notices; leave alone what is there."

    def handle(self, *args: Any, **options: Any) -> None:
        """Make them. Raises CommandError, and has changed nothing, where the database is not a demo's."""
        try:
            seed.seed()
        except ownership.NotTheDemos as problem:
            raise CommandError(f"{problem} {problem.hint}") from problem
        except parts.Taken as problem:
            raise CommandError(f"{problem} Nothing was changed. {ownership.NotTheDemos.hint}") from problem
