"""manage.py import_people FILE.csv, or FILE.xlsx."""

from __future__ import annotations

import sys
from pathlib import Path
from types import TracebackType
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError
from tqdm import tqdm

from people.services import people_import
from people.services.people_import.reading import OPTIONAL, REQUIRED

# Seconds. An import that takes no longer needs no progress bar.
SHORT = 1


class Command(BaseCommand):
    """Add and update people from a file; the rules are in people/services/people_import."""

    help = (
        "Add and update people from a CSV file (UTF-8) or a workbook (XLSX). The whole file is checked first: if any "
        "line is faulty, each fault is shown and nothing is changed. People are matched by organisation and ESR "
        "number; others stay as they are. Nobody gets a password: people start with 'Forgotten | Request "
        f"Username/Password | Unlock Account'. Columns: {', '.join(REQUIRED)}; optional: {', '.join(OPTIONAL)}. "
        "Dates: 2026-11-22 or 22/11/2026."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file."""
        parser.add_argument("file", metavar="FILE", type=Path)

    def handle(self, *, file: Path, **options: Any) -> None:
        """Import the file and say what came of it."""
        try:
            with file.open("rb") as opened, _Bar() as bar:
                result = people_import.run(file=opened, progress=bar)
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from error
        except people_import.Faulty as faulty:
            for fault in faulty.faults:
                self.stderr.write(str(fault))
            number = len(faulty.faults)
            raise CommandError(f"{number:,} {'fault' if number == 1 else 'faults'}: nothing was changed.") from faulty
        except OperationalError as error:
            raise CommandError(f"The database does not answer or is busy; nothing was changed. {error}") from error
        self.stdout.write(f"{result.added:,} added, {result.changed:,} changed, {result.unchanged:,} unchanged.")
        for fault in result.erased:
            self.stderr.write(str(fault))
        if result.erased:
            self.stdout.write(f"Lines that were left out, because their people were erased: {len(result.erased):,}.")
        if result.hidden:
            self.stdout.write(f"Lines that are hidden in the workbook, and were read too: {result.hidden:,}.")


class _Bar:
    """A progress bar on a terminal, for an import that takes longer than SHORT."""

    def __init__(self) -> None:
        self._bar: tqdm[Any] | None = None
        self._step = ""

    def __enter__(self) -> _Bar:
        return self

    def __call__(self, *, step: str, done: int, of: int) -> None:
        """Show how far the import is."""
        if step != self._step:
            self._close()
            self._step = step
            # disable=None: only on a terminal.
            self._bar = tqdm(desc=step, total=of or None, unit_scale=True, delay=SHORT, disable=None, file=sys.stderr)
        if self._bar is not None:
            self._bar.update(done - self._bar.n)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.close()
