"""Delete what is no longer needed. Run it daily; running it more often, or twice at once, does no harm."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand
from django.utils.module_loading import module_has_submodule


class Command(BaseCommand):
    """Daily work, of every app that has a module `daily_work`."""

    help = "Delete what is no longer needed. Run it daily."

    def handle(self, *args: Any, **options: Any) -> None:
        """Do each chore and say how much there was."""
        for app in apps.get_app_configs():
            if app.module is None or not module_has_submodule(app.module, "daily_work"):
                continue
            for what, chore in import_module(f"{app.name}.daily_work").CHORES.items():
                self.stdout.write(f"{what}: {chore()} deleted")
