"""Few queries for many people."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# People in one statement. Each is a placeholder in a query: SQLite as Django knows it takes 999.
SIZE = 900

T = TypeVar("T")


def batches(things: Iterable[T], *, size: int = SIZE) -> Iterator[list[T]]:
    """Give `things` as lists of at most `size`."""
    waiting = iter(things)
    while batch := list(itertools.islice(waiting, size)):
        yield batch
