"""JSON from outside, read so that it means one thing only."""

from __future__ import annotations

import json
from typing import Any, NoReturn


def json_object(text: bytes) -> dict[str, Any]:
    """Return the JSON object that `text` is.

    Raises ValueError where it is none, is not UTF-8, says a name twice (two readers would take two values), or holds
    what JSON has no word for (NaN, Infinity).
    """
    try:
        found = json.loads(text.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_constant)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(found, dict):
        raise ValueError("not an object")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name twice")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError("not JSON")
