"""Handing the security events out to another system, as JSON lines: each once, and none left out.

The cursor is the key of the last event that was handed out. Keys are handed out up to the one below which all is
settled (`accounts/settled_events.py`), so no event comes later with a lower key.
"""

from __future__ import annotations

import datetime
import json
from typing import TYPE_CHECKING, Any

from accounts import settled_events
from accounts.models import SecurityEvent

if TYPE_CHECKING:
    from collections.abc import Iterator

# Lines between two cursors.
BATCH = 1000
# Without an agent's note, which is about a call, and without names: a system that watches needs neither.
FIELDS = ("id", "at", "event", "user_id", "by_id", "address", "device", "reason", "reference")
# What they are called outside. Other systems rely on it.
NAMES = ("id", "time", "event", "user", "by", "address", "device", "reason", "reference")


class UnknownCursor(Exception):
    """The database has not given so high a key yet: the cursor is another's, or of before a back-up was restored."""


def batches(*, after: int, within: datetime.timedelta) -> Iterator[tuple[str, int]]:
    """Yield lines of JSON, BATCH at a time, each with the cursor behind them: the events after `after`.

    Where a transaction goes on writing for longer than `within`, there are none this time. Raises UnknownCursor.
    """
    up_to = settled_events.newest(within=within)
    if up_to is None:
        return
    if after > settled_events.last_given():
        raise UnknownCursor
    rows = SecurityEvent.objects.filter(pk__lte=up_to).order_by("pk").values_list(*FIELDS)
    while batch := list(rows.filter(pk__gt=after)[:BATCH]):
        after = batch[-1][0]
        yield "".join(map(_line, batch)), after


def _line(row: tuple[Any, ...]) -> str:
    facts = dict(zip(NAMES, row, strict=True))
    facts["time"] = facts["time"].astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return json.dumps(facts, separators=(",", ":")) + "\n"
