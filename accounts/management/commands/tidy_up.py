"""Delete what is no longer needed. Run it daily; running it more often, or twice at once, does no harm."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand
from django.utils.module_loading import module_has_submodule


class Command(BaseCommand):
    """Delete, in every app that has a module `tidying`."""

    help = "Delete what is no longer needed. Run it daily."

    def handle(self, *args: Any, **options: Any) -> None:
        """Delete, and say how much there was of each kind."""
        for app in apps.get_app_configs():
            if app.module is None or not module_has_submodule(app.module, "tidying"):
                continue
            for what, delete in import_module(f"{app.name}.tidying").TIDYING.items():
                self.stdout.write(f"{what}: {delete()} deleted")
