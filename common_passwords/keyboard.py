"""Runs along the keys of a keyboard and of a number pad, and characters in order."""

from __future__ import annotations

import string

# Each row stands half a key to the right of the one above, so a key touches two above and two below. The keys of the
# UK keyboard are in their places; the US one differs in marks alone. A tab is no key of ours.
_ROWS = ("`1234567890-=", "\tqwertyuiop[]", "\tasdfghjkl;'#", "\\zxcvbnm,./")
_KEYS = {key: (x, y) for y, row in enumerate(_ROWS) for x, key in enumerate(row) if key != "\t"}
_NO_KEY = (-9, -9)
_TOUCHING = frozenset({(1, 0), (-1, 0), (0, 1), (0, -1), (1, -1), (-1, 1)})
# The step of a finger between each two keys that touch.
_STEPS = {
    (a, b): (bx - ax, by - ay)
    for a, (ax, ay) in _KEYS.items()
    for b, (bx, by) in _KEYS.items()
    if (bx - ax, by - ay) in _TOUCHING
}
_NUMBER_PAD_LINES = ("147", "258", "369", "159", "357", "753", "951", "963", "852", "741")
# Letters and digits, and the top row with Shift on a US and on a UK keyboard.
_ORDERS = (string.ascii_lowercase, "01234567890", "!@#$%^&*()_+", '!"£$%^&*()_+')
_ORDERS_BOTH_WAYS = "\n".join(line for order in (*_ORDERS, *_NUMBER_PAD_LINES) for line in (order, order[::-1]))

SHORTEST_RUN = 3
# Fewer characters in a zigzag are chance.
SHORTEST_ZIGZAG = 6


def key_runs_from(text: str, start: int) -> list[tuple[int, int]]:
    """Return the runs along touching keys that begin at `start`: for each its end, and how often it turns.

    Going to and fro in one pattern, as in 1q2w3e4r, counts as two turns however long it goes on.
    """
    found: list[tuple[int, int]] = []
    steps: list[tuple[int, int]] = []
    turns = 0
    for at in range(start + 1, len(text)):
        step = _STEPS.get((text[at - 1], text[at]))
        if step is None:
            break
        in_pattern = len(steps) >= 3 and step == steps[-2] and steps[-1] == steps[-3]
        turns += bool(steps) and step != steps[-1] and not in_pattern
        steps.append(step)
        length = at + 1 - start
        # Three keys are a run only in a straight line: many words have three keys that touch.
        if length > SHORTEST_RUN or (length == SHORTEST_RUN and not turns):
            found.append((at + 1, turns))
    return found


def zigzags_from(text: str, start: int) -> list[int]:
    """Return the ends of the zigzags over two rows that begin at `start`, as in swdefrgt: two runs, key by key."""
    ends: list[int] = []
    # Which way each of the two goes, along its row.
    ways: list[int] = []
    for at in range(start + 2, len(text)):
        x, y = _KEYS.get(text[at], _NO_KEY)
        before_x, before_y = _KEYS.get(text[at - 2], _NO_KEY)
        way = x - before_x
        if y != before_y or abs(way) != 1 or (len(ways) > 1 and way != ways[-2]):
            break
        ways.append(way)
        if at + 1 - start >= SHORTEST_ZIGZAG:
            ends.append(at + 1)
    return ends


def order_runs_from(text: str, start: int) -> range:
    """Return the ends of the runs of letters, digits or shifted digits in order that begin at `start`."""
    shortest = end = start + SHORTEST_RUN
    while end <= len(text) and text[start:end] in _ORDERS_BOTH_WAYS:
        end += 1
    return range(shortest, end)
