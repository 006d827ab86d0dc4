"""The browsers that journeys run in: all that a walker has to know of one and not of the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.support import contexts

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Locator


class Engine:
    """A running browser. `browser` is Playwright's.

    `given_up` is how the browser words that a page which is left gives up what it was still loading. `runs_axe` is
    whether axe looks at each state of a page there: it reads the document and its styles, which are every browser's.
    """

    name: str
    given_up: str
    runs_axe: bool
    # Playwright has scripts of its own run before it takes a picture.
    takes_pictures = True

    def __init__(self, browser: Browser) -> None:
        self.browser = browser

    def new_context(self, *, javascript: bool = True, **more: Any) -> BrowserContext:
        """Return a browser of a person's own, with nothing of a person in it. `more` is told to Playwright."""
        context = self._context(
            ignore_https_errors=True,
            java_script_enabled=javascript,
            timezone_id="Europe/London",
            reduced_motion="reduce",
            **{"locale": "en-GB", **more},
        )
        context.set_default_timeout(10_000)
        return context

    def _context(self, **options: Any) -> BrowserContext:
        return self.browser.new_context(**options)

    def click(self, place: Locator) -> None:
        """Click on a button or a link."""
        place.click()

    def fill(self, box: Locator, text: str) -> None:
        """Put a text into a box, in place of what is in it."""
        box.fill(text)


class Chromium(Engine):
    """Chromium, by its own protocol."""

    name = "Chromium"
    given_up = "net::ERR_ABORTED"
    runs_axe = True

    def _context(self, **options: Any) -> BrowserContext:
        return contexts.take(self.browser, **options)
