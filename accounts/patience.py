"""How long this request waits for an answer of the database, where that is less than other pages wait.

esr_portal/connections.py has what pages wait, and obeys this. It holds for the connection of the web server alone:
commands and the worker wait as long as it takes.
"""

from __future__ import annotations

import contextlib
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_seconds: ContextVar[float | None] = ContextVar("patience", default=None)


@contextlib.contextmanager
def of(seconds: float) -> Iterator[None]:
    """Within the block wait no longer than this for each answer of the database."""
    token = _seconds.set(seconds)
    try:
        yield
    finally:
        _seconds.reset(token)


def at_most(seconds: float) -> float:
    """Return how long to wait where other pages wait for so many seconds."""
    own = _seconds.get()
    return seconds if own is None else min(own, seconds)
