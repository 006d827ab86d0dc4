"""Delete what is no longer needed, do what is due, and put right what is out of date.

Run it daily; running it more often, or twice at once, does no harm.
"""

from __future__ import annotations

import logging
from importlib import import_module
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.utils.module_loading import module_has_submodule

from accounts.models.last_run import Job
from accounts.services import last_runs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

logger = logging.getLogger("esr_portal.tidying")


class Command(BaseCommand):
    """Delete, do and put right, in every app that has a module `tidying`."""

    help = "Delete what is no longer needed, do what is due, and put right what is out of date. Run it daily."

    def handle(self, *args: Any, **options: Any) -> None:
        """Delete, do and put right, and say how much there was of each kind.

        A part that fails keeps back none of those behind it. Raises CommandError at the end, which names what failed.
        """
        failed = []
        for what, do, ending in _parts():
            try:
                number = do()
            except Exception as error:
                logger.exception("a part of the daily work failed", extra={"part": what})
                if isinstance(error, OperationalError | InterfaceError):
                    # It may be there again.
                    connection.close()
                failed.append(what)
            else:
                self.stdout.write(f"{what}: {number}{ending}")
        try:
            last_runs.note(job=Job.TIDY_UP, went_well=not failed)
        except DatabaseError:
            failed.append("noting that it was run")
        if failed:
            raise CommandError(f"Not done, and the log says why: {'; '.join(failed)}. All else is done.")


def _parts() -> Iterator[tuple[str, Callable[[], int], str]]:
    """Yield each part of all apps: what it is about, what does it, and what is said behind the number."""
    for app in apps.get_app_configs():
        if app.module is None or not module_has_submodule(app.module, "tidying"):
            continue
        tidying = import_module(f"{app.name}.tidying")
        for name, ending in (("TIDYING", " deleted"), ("DUE", ""), ("PUTTING_RIGHT", " put right")):
            for what, do in getattr(tidying, name, {}).items():
                yield what, do, ending
