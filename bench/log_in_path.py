"""Follow one right log-in through the code: `python -m bench.log_in_path`.

Prints how many files of the portal the POST goes through, how often it moves from one to another, how often a username
is normalised, and how often the row of its user is read: what a reader has to follow, and what a shift change repeats.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from bench import portal
from bench.browser import HOST

# Tools and tests are no part of the portal.
NOT_THE_PORTAL = {"bench", "tests", ".venv", "manage.py"}
NORMALISING = "normalise_username"


@dataclasses.dataclass(slots=True)
class Trail:
    """What one request went through. `files` has each file once, in the order in which they were entered."""

    files: dict[str, int] = dataclasses.field(default_factory=dict)
    moves: int = 0
    normalised: int = 0
    user_rows_read: int = 0


@contextmanager
def followed() -> Iterator[Trail]:
    """Follow the calls of this thread until the block ends."""
    trail = Trail()
    last = ""

    def follow(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal last
        if event not in {"call", "return"} or (here := _file_of(frame)) is None:
            return
        trail.moves += here != last
        last = here
        if event == "call":
            trail.files[here] = trail.files.get(here, 0) + 1
            trail.normalised += frame.f_code.co_name == NORMALISING

    sys.setprofile(follow)
    try:
        yield trail
    finally:
        sys.setprofile(None)


def _file_of(frame: FrameType) -> str | None:
    """Return the portal's file that a call is in, or None where it is in a library or a tool."""
    try:
        inside = Path(frame.f_code.co_filename).relative_to(portal.ROOT)
    except ValueError:
        return None
    return None if inside.parts[0] in NOT_THE_PORTAL else inside.as_posix()


def follow_log_in() -> Trail:
    """Return what the second right log-in of a process goes through: the first compiles and caches."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from accounts.models import User

    # What asks for the existence of other rows of a user names the table too, and reads no column of theirs.
    column = ".".join(map(connection.ops.quote_name, (User._meta.db_table, "password")))
    for number in (0, 1):
        client = Client(headers={"host": HOST}, REMOTE_ADDR="10.3.0.1")
        client.get("/log-in/", secure=True)
        sent = {"username": portal.username(number), "password": portal.PASSWORD}
        with CaptureQueriesContext(connection) as queries, followed() as trail:
            answer = client.post("/log-in/", sent, secure=True)
        if answer.status_code != 302:
            sys.exit(f"The log-in was answered with {answer.status_code}.")
        trail.user_rows_read = sum(query["sql"].startswith("SELECT") and column in query["sql"] for query in queries)
    return trail


def main() -> None:
    """Print the path of a log-in."""
    with portal.database():
        trail = follow_log_in()
    print("One right log-in, sent from the form")
    print(f"  files of the portal             {len(trail.files)}")
    print(f"  moves from file to file         {trail.moves}")
    print(f"  usernames normalised            {trail.normalised}")
    print(f"  times the user's row is read    {trail.user_rows_read}")
    for file, calls in trail.files.items():
        print(f"    {calls:4} {file}")


if __name__ == "__main__":
    main()
