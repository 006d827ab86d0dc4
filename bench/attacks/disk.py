"""Disks of the rig's own that can be filled up: file systems in memory, which root alone may mount."""

from __future__ import annotations

import contextlib
import os
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PIECE = 64 * 1024


class NoDisk(Exception):
    """This machine lets nobody have a disk of their own: the message says what it said."""


class Disk:
    """A small disk, at `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._filler = folder / "filler"

    def fill(self) -> None:
        """Fill it up, to the last block. What was deleted since is taken too."""
        with self._filler.open("ab", buffering=0) as filler, contextlib.suppress(OSError):
            while True:
                filler.write(bytes(PIECE))
        with self._filler.open("ab", buffering=0) as filler, contextlib.suppress(OSError):
            while True:
                filler.write(bytes(512))

    def make_room(self) -> None:
        """Delete what it was filled with."""
        self._filler.unlink(missing_ok=True)

    @property
    def free(self) -> int:
        """Bytes that are free."""
        found = os.statvfs(self.folder)
        return found.f_bavail * found.f_bsize


@contextmanager
def mounted(folder: Path, *, megabytes: int) -> Iterator[Disk]:
    """Have a disk of this size at a new `folder` until the block ends. Raises NoDisk."""
    folder.mkdir()
    options = f"size={megabytes}m,mode=0755"
    try:
        made = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)],  # noqa: S607 - wherever it is.
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError as error:
        raise NoDisk(str(error)) from error
    if made.returncode:
        raise NoDisk(made.stderr.strip())
    try:
        yield Disk(folder)
    finally:
        # Lazily: what was killed may not be gone yet.
        subprocess.run(["umount", "--lazy", str(folder)], check=True)  # noqa: S607
