"""Copies of pages for axe, which waits for timers: where a browser runs no scripts there are none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support import contexts

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# The page's own scripts do not run in a copy either.
NO_SCRIPTS = {"Content-Security-Policy": "script-src 'none'"}


class Copies:
    """Where a person's pages are copied to, one after the other: the same page stays the same copy."""

    def __init__(self, browser: Browser) -> None:
        self.page = contexts.take(browser, ignore_https_errors=True).new_page()
        self._shown = ("", "")

    def of(self, page: Page) -> Page:
        """Return a copy of what a page is now, in a window of its size."""
        if page.viewport_size:
            self.page.set_viewport_size(page.viewport_size)
        address, markup = page.url, page.content()
        if self._shown != (address, markup):
            self.page.unroute_all()
            self.page.route(
                address, lambda route: route.fulfill(body=markup, content_type="text/html", headers=NO_SCRIPTS)
            )
            self.page.goto(address)
            self._shown = (address, markup)
        return self.page
