"""axe-core, which finds what keeps people from using a page (WCAG 2.2 AA)."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import CDPSession, Page

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "node_modules" / "axe-core" / "axe.min.js"
# Sounds and films are what the rules have axe fetch beforehand. Left to itself, it reads every stylesheet too.
OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
    "preload": {"assets": ["media"]},
}
_protocols: WeakKeyDictionary[Page, CDPSession] = WeakKeyDictionary()


def violations(page: Page) -> Iterator[str]:
    """Yield what is wrong with a page as it is now, a sentence each."""
    # A page that is seen at a second size has it already.
    if not page.evaluate("() => 'axe' in window"):
        # By the protocol itself: Playwright first parses what it is to evaluate, which takes as long as axe does.
        _protocol(page).send("Runtime.evaluate", {"expression": _script()})
    found = page.evaluate("options => axe.run(document, options).then(result => result.violations)", OPTIONS)
    for violation in found:
        for node in violation["nodes"]:
            yield f"axe {violation['id']}: {violation['help']}: {node['html']} {node['failureSummary']}"


def _protocol(page: Page) -> CDPSession:
    """Return a session of the protocol that stays: one that goes takes a page's virtual authenticators along."""
    if page not in _protocols:
        _protocols[page] = page.context.new_cdp_session(page)
    return _protocols[page]


@functools.cache
def _script() -> str:
    if not SCRIPT.exists():
        raise FileNotFoundError(
            f"{SCRIPT.relative_to(ROOT)} is missing: run `make`, which installs the front end's parts."
        )
    return SCRIPT.read_text(encoding="utf-8")
