"""What a run of journeys has looked at: each state of a page is checked once, whichever process comes to it first."""

from __future__ import annotations

import hashlib
import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.environment import once_a_run

if TYPE_CHECKING:
    from playwright.sync_api import Page

# Where to put a picture of every step; none are made where it is not set.
PICTURES = os.environ.get("PICTURES", "")
# The folder where each process lists its looks, a line of JSON each: what shows that a change leaves no state out.
LOOKS = os.environ.get("LOOKS", "")


def is_new(check: str, markup: str, width: int) -> bool:
    """Return whether no process of this run has made this check of this markup at this width, and note that it has."""
    looked_at = once_a_run("looks", lambda _: None)
    try:
        (looked_at / _digest(check, markup, width)).touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def note(who: str, step: str, *, markup: str, width: int, checks: list[str]) -> None:
    """Add a look to the list, where one is wanted."""
    if LOOKS:
        Path(LOOKS).mkdir(parents=True, exist_ok=True)
        seen = {"who": who, "step": step, "width": width, "state": _digest(markup), "checks": checks}
        with (Path(LOOKS) / f"{os.getpid()}.jsonl").open("a", encoding="utf-8") as listed:
            listed.write(json.dumps(seen) + "\n")


def take_picture(page: Page, name: str) -> None:
    """Leave a picture of the whole page, where pictures are wanted."""
    if PICTURES:
        name = re.sub(r"[^a-z0-9]+", "-", name.lower())[:120].strip("-")
        Path(PICTURES).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


def _digest(*what: Any) -> str:
    return hashlib.sha256(repr(what).encode()).hexdigest()
