"""Every way in, in every state that an account can be in: what happens. The specification, as a table.

`python -m tests.support.matrix` writes it into docs/security.md; tests/unit/test_ways_in_matrix.py holds the portal
against it.
"""

from __future__ import annotations

import enum
import re
import sys
from pathlib import Path

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "security.md"
BEGIN = "<!-- ways in: written by python -m tests.support.matrix -->"
END = "<!-- ways in: end -->"


class Result(enum.StrEnum):
    """What comes of a way in."""

    IN = "in"
    ASKED = "asked for the second step"
    SET_UP = "has to set one up"
    NEW_PASSWORD = "asked for a new password"
    LIKE_WRONG = "refused like a wrong one"
    TOLD_WHY = "refused, and told why"
    DEAD_LINK = "the link does not work"


_SHORT = {
    "in": Result.IN,
    "ask": Result.ASKED,
    "set": Result.SET_UP,
    "new": Result.NEW_PASSWORD,
    "no": Result.LIKE_WRONG,
    "why": Result.TOLD_WHY,
    "dead": Result.DEAD_LINK,
    "-": None,
}

# Each person has set up what the way takes, and nothing else; the last step of the way is taken where it is asked for.
WAYS = (
    "password",
    "password, remembered browser",
    "password, app code",
    "password, recovery code",
    "password, passkey",
    "passkey alone",
    "Care Identity, level 3",
    "Care Identity, level 2",
    "recovery link, new password",
    "password, bootstrap code",
)

# The policy is `optional` where the state names no other. A dash: no such person can come that way.
_TABLE = {
    "in force": "in in in in in in in in in set",
    "a second step is set up, none is shown": "ask - - - - - in ask ask -",
    "locked after ten wrong passwords": "no no no no no in in in in no",
    "must change the password": "new new new new new new in in in set",
    "ended": "no no no no no why why why dead no",
    "starts later": "no no no no no why why why dead no",
    "not active": "no no no no no why why why dead no",
    "outside the networks, without internet access": "no no no no no why in in no no",
    "frozen after “this was not me”": "no no no no no in in set set no",
    "dormant after too long without a log-in": "no no no no no in in in in no",
    "Care Identity only, without a password": "no no no no no in in in dead no",
    "may use the admin": "set ask in in in in in set set set",
    "policy `required`, nothing set up": "set - - - - - in set set -",
    "policy `required_outside`, inside": "in in in in in in in in in in",
    "policy `required_outside`, outside": "set in in in in in in set set set",
    "policy `off`": "in in in in in in in in in set",
    "passkeys are switched off": "in in in in ask why in in in set",
}

STATES = tuple(_TABLE)


def result(*, state: str, way: str) -> Result | None:
    """Return what comes of `way` in `state`, or None where no such person can come that way."""
    return _SHORT[_TABLE[state].split()[WAYS.index(way)]]


def cells() -> list[tuple[str, str, Result]]:
    """Return the cells of the table that say something: state, way, result."""
    found = ((state, way, result(state=state, way=way)) for state in STATES for way in WAYS)
    return [(state, way, came_of_it) for state, way, came_of_it in found if came_of_it is not None]


def as_markdown() -> str:
    """Return the table as the document has it, between its marks."""
    rows = [["state of the account", *WAYS], ["---"] * (len(WAYS) + 1)]
    rows += [[state, *(result(state=state, way=way) or "–" for way in WAYS)] for state in STATES]
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([BEGIN, "", *lines, "", END])


def with_table(document: str) -> str:
    """Return the text of the document with the table of today in it."""
    return re.sub(re.escape(BEGIN) + ".*?" + re.escape(END), lambda _: as_markdown(), document, flags=re.DOTALL)


def main() -> int:
    """Write the table into the document."""
    DOCUMENT.write_text(with_table(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
