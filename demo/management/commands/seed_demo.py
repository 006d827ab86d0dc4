"""Make the demo people: ``manage.py seed_demo``. `make run` does it."""

from typing import Any

from django.core.management.base import BaseCommand

from demo import seed


class Command(BaseCommand):
    """Makes what is missing of the demo's organisations, people and notices."""

    help = "Make the demo's organisations, people and notices; leave alone what is there."

    def handle(self, *args: Any, **options: Any) -> None:
        """Make them."""
        seed.seed()
