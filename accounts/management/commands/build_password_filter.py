"""Make a filter of leaked passwords for COMMON_PASSWORDS_FILE, of a list or of Have I Been Pwned's files."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from common_passwords import filter_sources, filters


class Command(BaseCommand):
    """Read files of passwords or of their SHA-1 hashes, and write a filter."""

    help = (
        "Make a filter for COMMON_PASSWORDS_FILE of lists with one password a line, or of the files of Have I Been "
        "Pwned (SHA-1:count, whole or one a range). Folders are read file by file."
    )
    # COMMON_PASSWORDS_FILE may name the file that is made here.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the sources, the filter, and how often a password was seen at least."""
        parser.add_argument("sources", nargs="+", type=Path, metavar="FILE", help="a file, or a folder of files")
        parser.add_argument("--into", required=True, type=Path, metavar="FILTER", help="the file to write")
        parser.add_argument("--seen", type=int, default=1, help="keep hashes that were seen so often or more (1)")

    def handle(self, *args: Any, sources: list[Path], into: Path, seen: int, **options: Any) -> None:
        """Write the filter, and say how many passwords it has."""
        try:
            files = [file for source in sources for file in filter_sources.files_of(source)]
            made_of = ", ".join(source.resolve().name for source in sources)
            entries = filters.write(self._digests(files, seen=seen), to=into, made_of=made_of)
        except OSError as error:
            raise CommandError(f"{error.filename or into}: {error.strerror}.") from error
        except filter_sources.SourceUnusable as unusable:
            raise CommandError(str(unusable)) from unusable
        size = into.stat().st_size / 1024**2
        self.stdout.write(
            f"{into} has {entries:,} passwords in {size:,.1f} MiB. Set COMMON_PASSWORDS_FILE to its path."
        )

    def _digests(self, files: list[Path], *, seen: int) -> Iterator[bytes]:
        total = sum(file.stat().st_size for file in files)
        with tqdm(total=total, unit="B", unit_scale=True, delay=1, disable=None, file=sys.stderr) as bar:
            for file in files:
                yield from filter_sources.digests_of(file, seen=seen, progress=bar.update)
