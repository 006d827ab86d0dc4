"""What a screen reader announces of a page, in which order, by `@guidepup/virtual-screen-reader`."""

from __future__ import annotations

import functools
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = ROOT / "node_modules" / "@guidepup" / "virtual-screen-reader" / "lib" / "esm" / "index.browser.js"
# The library is a module, which no policy lets into a page; its last words say what it exports under which name.
EXPORTS = re.compile(r"export\{(?:[^}]*,)?(?P<name>[\w$]+) as virtual[^}]*\};")
# More than any page of ours has to read.
MOST_PHRASES = 400
# Seconds: how long a page may take to announce what it was made to.
PATIENCE = 10
# What most screen readers leave out when they read a page aloud from top to bottom.
_STRUCTURE = re.compile(r"(document|paragraph|list|form|strong|code|term|definition|listitem, .*|end( of .*|, .*)?|)")

# The browser has read the markup, and none of the page's own scripts has run: what they focus or announce is heard.
# The library takes each change of an attribute inside a live region for news, and hears what is not shown; no browser
# does. What appears when `hidden` is taken from it is news. What is for browsers without scripts is not in the page.
_START = """
document.addEventListener("readystatechange", () => {
  if (document.readyState !== "interactive") return;
  document.querySelectorAll("noscript").forEach((unread) => unread.remove());
  const element = (node) => node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement;
  const isNews = ({type, target, attributeName}, place, all) => element(target)?.checkVisibility()
    && (type !== "attributes" || attributeName === "hidden")
    && all.findIndex((other) => other.target === target) === place;
  class News extends MutationObserver {
    constructor(tell) {
      super((changes) => tell(changes.filter(isNews)));
    }
  }
  globalThis.screenReader.start({container: document.body, window: {MutationObserver: News}});
});
"""
_HEARD = """async () => {
  const heard = [...await screenReader.spokenPhraseLog()];
  await screenReader.clearSpokenPhraseLog();
  return heard;
}"""
_READ = """async ([last, most]) => {
  for (let phrase = ""; most > 0 && phrase !== last; most -= 1) {
    await screenReader.next();
    phrase = await screenReader.lastSpokenPhrase();
  }
}"""
# What has the focus and no name of its own is read out with all that is in it.
_READ_FOCUSED = """async (most) => {
  const inside = () => document.activeElement.contains(screenReader.activeNode);
  while (most-- > 0 && !inside()) await screenReader.next();
  await screenReader.clearSpokenPhraseLog();
  await screenReader.previous();
  await screenReader.clearSpokenPhraseLog();
  const heard = [];
  for (await screenReader.next(); most-- > 0 && inside(); await screenReader.next()) {
    heard.push(await screenReader.lastSpokenPhrase());
  }
  await screenReader.previous();
  await screenReader.clearSpokenPhraseLog();
  return heard;
}"""


class ScreenReader:
    """A screen reader at a tab of a browser, from the next page on that the tab opens. Keys are pressed at the tab.

    It says of each thing its role, name, value, description and states as the W3C's specifications compute them
    (ACCNAME, CORE-AAM, HTML-AAM), what gets the focus, and what changes in live regions, each in its order.

    It is no screen reader that a person uses, and cannot tell what JAWS, NVDA or VoiceOver make of a page: when they
    interrupt themselves, what they say twice, or that they leave out. Other than those, it says no title of a page,
    does not go to a page's content by itself, reads what closed details hold and what lies behind an open dialog, reads
    a password aloud and a button's value too, takes a line's break for no blank, and does not notice that the name of
    what has the focus changes.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        page.add_init_script(_script())

    def heard(self) -> list[str]:
        """Return what was said since the last call, or since the page was opened."""
        return _without_structure(self.page.evaluate(_HEARD))

    def hears(self, phrase: str) -> list[str]:
        """Wait until something is said that contains `phrase`; return all that was said. Raises AssertionError."""
        heard: list[str] = []
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            heard += self.heard()
            if any(phrase in said for said in heard):
                return heard
            self.page.wait_for_timeout(50)
        raise AssertionError(f"{phrase!r} is not said: {heard}")

    def read_on(self, *, to: str = "end of main") -> list[str]:
        """Have the page read from where the reader is until it says `to`; return what was said meanwhile."""
        self.heard()
        self.page.evaluate(_READ, [to, MOST_PHRASES])
        return self.heard()

    def read_what_has_the_focus(self) -> list[str]:
        """Return what is said of what has just got the focus and has no name of its own, as an error summary."""
        return _without_structure(self.page.evaluate(_READ_FOCUSED, MOST_PHRASES))

    def press(self, key: str) -> list[str]:
        """Press a key; return what is said."""
        self.heard()
        self.page.keyboard.press(key)
        return self.heard()

    def leave_and_come_back(self) -> list[str]:
        """Go back by Tab and come again; return what is said of the place come back to."""
        self.press("Shift+Tab")
        return self.press("Tab")


def headings(heard: Iterable[str]) -> list[str]:
    """Return the headings of what was said, as "Check your email, level 1"."""
    return [said.removeprefix("heading, ") for said in heard if said.startswith("heading, ")]


def page(heard: Sequence[str]) -> list[str]:
    """Return what was said of a page from its heading on, without the time of day at which a log-in ends."""
    first = next(place for place, said in enumerate(heard) if said.endswith(", level 1"))
    return [said for said in heard[first:] if not said.startswith("You have until ")]


def in_order(heard: Iterable[str], *said: str) -> None:
    """Check that all of `said` was heard, in this order, whatever came between. Raises AssertionError."""
    rest = iter(heard)
    missing = [words for words in said if words not in rest]
    assert not missing, f"{missing} not in this order in {heard}"


def _without_structure(heard: Iterable[str]) -> list[str]:
    return [said for said in heard if not _STRUCTURE.fullmatch(said) and not said.endswith(": ")]


@functools.cache
def _script() -> str:
    """Return the library as a script that starts itself."""
    if not LIBRARY.exists():
        raise FileNotFoundError(
            f"{LIBRARY.relative_to(ROOT)} is missing: run `make`, which installs the front end's parts."
        )
    code, changed = EXPORTS.subn(r"globalThis.screenReader = \g<name>;", LIBRARY.read_text(encoding="utf-8"))
    assert changed == 1, f"{LIBRARY.relative_to(ROOT)} exports in another way than it did"
    return f"{{{code}\n}}{_START}"
