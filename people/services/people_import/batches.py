"""Few queries for many people."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# People in one statement. Each is a placeholder in a query: SQLite as Django knows it takes 999.
SIZE = 900

T = TypeVar("T")


def batches(things: Iterable[T], *, size: int | None = None) -> Iterator[list[T]]:
    """Give `things` as lists of at most `size`, or SIZE."""
    waiting = iter(things)
    # SIZE as it is now, not as it was when this was imported: tests have small batches.
    while batch := list(itertools.islice(waiting, size or SIZE)):
        yield batch
