"""Which request this thread is answering: by an id that its log lines and its answer have.

Only a trusted proxy may choose it (esr_portal/request_ids.py). It is made by chance and says nothing of a person.
"""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# Digits alone: letters of hexadecimal sound alike on the telephone (b, c, d, e). Two requests of one day rarely share
# eight of them, and where they do, time and kind tell them apart.
CODE_LENGTH = 8

_id: ContextVar[str] = ContextVar("request_id", default="")


def new_id() -> str:
    """Return an id as nginx makes them ($request_id): 128 random bits in 32 hexadecimal digits."""
    return secrets.token_hex(16)


def current_id() -> str:
    """Return the id of the request that is being answered; "" in a worker or a command."""
    return _id.get()


def code(request_id: str) -> str:
    """Return the digits by which a person names the request on the telephone; "" where there is none."""
    if not request_id:
        return ""
    return f"{int(request_id.replace('-', '')[:16], 16) % 10**CODE_LENGTH:0{CODE_LENGTH}d}"


def spoken_code() -> str:
    """Return the digits of the request that is being answered in two groups, or ""."""
    digits = code(current_id())
    return f"{digits[:4]} {digits[4:]}".strip()


@contextmanager
def named(request_id: str) -> Iterator[None]:
    """Let what is done inside the block belong to the request with this id."""
    token = _id.set(request_id)
    try:
        yield
    finally:
        _id.reset(token)
