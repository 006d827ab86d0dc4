"""Blocks of documents that a command writes, each between two marks of its own."""

from __future__ import annotations

import re


def replace(text: str, *, begin: str, end: str, block: str) -> str | None:
    """Return the text with `block` between the two marks, each a line; None where they are not there."""
    pattern = re.compile(rf"{re.escape(begin)}\n.*?{re.escape(end)}\n", re.DOTALL)
    if not pattern.search(text):
        return None
    return pattern.sub(lambda _: f"{begin}\n{block}{end}\n", text)
