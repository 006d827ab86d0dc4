"""Delete what is no longer needed, do what is due, and put right what is out of date.

Run it daily; running it more often, or twice at once, does no harm.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand
from django.utils.module_loading import module_has_submodule


class Command(BaseCommand):
    """Delete, do and put right, in every app that has a module `tidying`."""

    help = "Delete what is no longer needed, do what is due, and put right what is out of date. Run it daily."

    def handle(self, *args: Any, **options: Any) -> None:
        """Delete, do and put right, and say how much there was of each kind."""
        for app in apps.get_app_configs():
            if app.module is None or not module_has_submodule(app.module, "tidying"):
                continue
            tidying = import_module(f"{app.name}.tidying")
            for what, delete in tidying.TIDYING.items():
                self.stdout.write(f"{what}: {delete()} deleted")
            for what, do in getattr(tidying, "DUE", {}).items():
                self.stdout.write(f"{what}: {do()}")
            for what, put_right in getattr(tidying, "PUTTING_RIGHT", {}).items():
                self.stdout.write(f"{what}: {put_right()} put right")
