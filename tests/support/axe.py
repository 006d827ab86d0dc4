"""axe-core, which finds what keeps people from using a page (WCAG 2.2 AA)."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import BrowserContext, Page

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "node_modules" / "axe-core" / "axe.min.js"
# Sounds and films are what the rules have axe fetch beforehand. Left to itself, it reads every stylesheet too.
OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
    "preload": {"assets": ["media"]},
}


# What each page of a context can call to get axe: made once, it is compiled once and goes to no page by itself.
HANDED_OUT = "Object.defineProperty(globalThis, '__axe', {value: () => {%s}});"
LOOK = """(options) => {
  // A page that is seen at a second size has it already.
  if (!("axe" in globalThis)) globalThis.__axe();
  return axe.run(document, options).then((result) => result.violations);
}"""


def hand_out(context: BrowserContext) -> None:
    """Let the pages that are opened in a context from now on have axe, once they are looked at."""
    context.add_init_script(HANDED_OUT % _script())


def violations(page: Page) -> Iterator[str]:
    """Yield what is wrong with a page as it is now, a sentence each. Its context has had axe handed out."""
    for violation in page.evaluate(LOOK, OPTIONS):
        for node in violation["nodes"]:
            yield f"axe {violation['id']}: {violation['help']}: {node['html']} {node['failureSummary']}"


@functools.cache
def _script() -> str:
    if not SCRIPT.exists():
        raise FileNotFoundError(
            f"{SCRIPT.relative_to(ROOT)} is missing: run `make`, which installs the front end's parts."
        )
    return SCRIPT.read_text(encoding="utf-8")
