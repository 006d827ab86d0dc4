"""Back-ups of PostgreSQL, made and restored as docs/operations.md says."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def back_up(program: Callable[..., object], *, address: str, file: str) -> None:
    """Copy the database at `address` into a file; `program` runs one of PostgreSQL's."""
    program("pg_dump", "--format=custom", f"--file={file}", address)


def restore(
    program: Callable[..., object], manage: Callable[..., object], *, file: str, into: str, erased: str = ""
) -> None:
    """Fill the empty database at `into`, and end what has been revived; `manage` runs a command of manage.py's.

    Nothing else of the portal's may run. `erased` is a file of the lines that say who was erased since.
    """
    options = ("--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges")
    program("pg_restore", *options, f"--dbname={into}", file)
    manage("migrate", "--no-input", "--verbosity=0")
    manage("after_restore", *(["--erased", erased] if erased else []))
