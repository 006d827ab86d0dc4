"""A person at a browser, who notices everything that is wrong with a page: see `Walker.look`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.support import axe, contexts, looks, page_facts
from tests.support.copies import Copies
from tests.support.stories import Tally

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from playwright.sync_api import ConsoleMessage, Locator, Page, Request, Response, ViewportSize

    from tests.support.engines import Engine

ROOT = Path(__file__).resolve().parents[2]

PHONE: ViewportSize = {"width": 360, "height": 740}
TABLET: ViewportSize = {"width": 820, "height": 1180}
DESKTOP: ViewportSize = {"width": 1280, "height": 900}
# A desktop at 400 %: what WCAG 1.4.10 (reflow) asks for.
ZOOMED: ViewportSize = {"width": 320, "height": 256}
# The widths from which the NHS.UK frontend lays a page out in another way.
LAYOUTS = (0, 641, 990)


class Walker:
    """Does what a person does, and checks after each step what holds for every page.

    `url` is the portal's own address: no request may leave it, but for those `others`, where what holds for the
    portal's pages holds too. Each page is seen in windows of the sizes `also` as well. `name` names the pictures.
    """

    language = "en-GB"

    def __init__(
        self,
        page: Page,
        *,
        engine: Engine,
        url: str,
        name: str,
        javascript: bool = True,
        others: Collection[str] = (),
        also: Sequence[ViewportSize] = (),
    ) -> None:
        self.page = page
        self.engine = engine
        self._also = also
        self.url = url
        self._others = others
        self._known = tuple(f"{origin}/" for origin in (url, *others))
        self.name = name
        self.javascript = javascript
        self.tally = Tally()
        self._steps = 0
        self._status = 200
        self._faults: list[str] = []
        self._arrived = False
        self._copies: Copies | None = None
        page.on("request", self._note_request)
        page.on("response", self._note_response)
        page.on("requestfailed", self._note_failure)
        page.on("console", self._note_console)
        page.on("pageerror", lambda error: self._faults.append(f"script error: {error}"))

    def leave(self) -> None:
        """Close the browser's windows, and forget what the person leaves in it."""
        for page in (self._copies.page, self.page) if self._copies else (self.page,):
            contexts.give_back(page.context, portal=self.url, others=self._others)

    def new_tab(self) -> Walker:
        """Return the same person at another tab of the same browser."""
        page, name = self.page.context.new_page(), f"{self.name} other tab"
        page.set_viewport_size(self.page.viewport_size or DESKTOP)
        told: Any = {"javascript": self.javascript, "others": self._others, "also": self._also}
        other = type(self)(page, engine=self.engine, url=self.url, name=name, **told)
        other.tally = self.tally
        return other

    # What a person does --------------------------------------------------------------------------------------------

    def open(self, address: str, *, status: int = 200) -> None:
        """Type an address, or open a link in a mail."""
        self.tally.presses += 1
        self.page.goto(address if address.startswith("http") else self.url + address)
        self.look(f"open {address}", status=status)

    def follow(self, link: str | re.Pattern[str], *, within: str = "body", status: int = 200) -> None:
        """Follow a link by its words."""
        self.tally.presses += 1
        with self.page.expect_navigation():
            self.engine.click(self.page.locator(within).get_by_role("link", name=link, exact=True).first)
        self.look(f"follow {getattr(link, 'pattern', link)}", status=status)

    def press(self, button: str, *, status: int = 200, onward: str = "") -> None:
        """Press a button (or what looks like one) that leads to a page, by its words.

        `onward` is how the address begins that the page which comes leads on to by itself.
        """
        self.send(button, onward=onward)
        self.look(f"press {button}", status=status)

    def send(self, button: str, *, onward: str = "") -> None:
        """Press a button as `press` does, and wait for the page that comes, but do not look at it."""
        self.tally.presses += 1
        with self.page.expect_navigation(url=lambda address: address.startswith(onward)):
            self.engine.click(self.button(button))

    def fill(self, **fields: str) -> None:
        """Fill in fields; each is named by its label with underscores for blanks, whatever its case."""
        self.tally.fields += len(fields)
        for label, value in fields.items():
            self.engine.fill(self.field(label.replace("_", " ")), value)

    def tick(self, *labels: str) -> None:
        """Tick boxes, or select radio buttons, by their words."""
        self.tally.presses += len(labels)
        for label in labels:
            self.page.get_by_label(label, exact=True).check()

    def moves_to(self, address: str) -> None:
        """Go on at another internet address: what the proxy in front of the portal says of where requests come from."""
        self.page.context.set_extra_http_headers({"X-Forwarded-For": address})

    def back(self, *, status: int = 200) -> None:
        """Press the browser's Back."""
        self.tally.presses += 1
        self.page.go_back()
        self.look("go back", status=status)

    # What a person sees --------------------------------------------------------------------------------------------

    def button(self, name: str) -> Locator:
        """Return the button of this name."""
        return self.page.get_by_role("button", name=name, exact=True)

    def field(self, label: str) -> Locator:
        """Return the field with this label."""
        return self.page.get_by_label(re.compile(rf"^\s*{re.escape(label)}\s*$", re.IGNORECASE))

    def sees(self, *texts: str) -> None:
        """Wait for texts to be visible. Raises AssertionError."""
        from playwright.sync_api import expect

        for text in texts:
            expect(self.page.get_by_text(text).locator("visible=true").first).to_be_visible()

    def does_not_see(self, *texts: str) -> None:
        """Make sure that texts are not visible. Raises AssertionError."""
        body = self.page.inner_text("body")
        assert not [text for text in texts if text in body], body

    def called(self, words: str) -> str:
        """Return what a page calls what a story calls so."""
        return words

    @property
    def heading(self) -> str:
        """The page's h1."""
        return self.page.locator("h1").inner_text().strip()

    @property
    def path(self) -> str:
        """The address without the portal's own."""
        return self.page.url.removeprefix(self.url)

    # What is checked ----------------------------------------------------------------------------------------------

    def look(self, step: str, *, status: int = 200) -> None:
        """Check the page as it is now. Raises AssertionError with everything that is wrong with it.

        One h1, a title, "Error: " before it exactly when there are errors, the error summary focused, no id twice, no
        link to nowhere; nothing on the console, no failed request, none to elsewhere; nothing sideways to scroll, at
        320 px neither, however text is spaced; nothing that axe finds.
        """
        self.page.wait_for_load_state("load")
        self._steps += 1
        facts = self.page.evaluate(page_facts.FACTS)
        faults = [*self._faults, *page_facts.faults(facts, self.javascript and self._arrived, self.language)]
        if self._status != status:
            faults.append(f"status {self._status} instead of {status}")
        markup = page_facts.ACCIDENTAL.sub("", facts["markup"])
        own = self.page.viewport_size or DESKTOP
        for size in (own, *self._also):
            faults += self._faults_at(size, step, markup)
        self._resize(own)
        self._faults.clear()
        self._arrived = False
        assert not faults, f"step {self._steps}, {step}, at {self.path}:\n" + "\n".join(faults)

    def sizes(self) -> Iterator[ViewportSize]:
        """Yield the size of the window, then the others that the page is seen in, while it is of that size."""
        own = self.page.viewport_size
        assert own
        for size in (own, *self._also):
            self._resize(size)
            yield size
        self._resize(own)

    def _faults_at(self, size: ViewportSize, step: str, markup: str) -> list[str]:
        """Measure the page once at each width, and let axe look at it once in each layout.

        The window may have another size afterwards.
        """
        width = size["width"]
        layout = max(least for least in LAYOUTS if least <= width)
        checks = [
            (check, at, find)
            for check, at, state, find in (
                ("sideways", width, markup, self._sideways),
                ("axe", layout, page_facts.DATA.sub("…", markup), self._axe_violations),
                ("sideways", min(width, ZOOMED["width"]), markup, self._sideways_when_zoomed),
            )
            if looks.is_new(f"{check} in {self.engine.name}", state, at)
        ]
        looks.note(self.name, step, markup=markup, width=width, checks=[f"{check} {at}" for check, at, _ in checks])
        if checks or looks.PICTURES:
            self._resize(size)
        if self.engine.takes_pictures:
            looks.take_picture(self.page, f"{width} {self.name} {self._steps:02} {step}")
        return [f"{width} px: {fault}" for _, _, find in checks for fault in find()]

    def _resize(self, size: ViewportSize) -> None:
        if self.page.viewport_size != size:
            self.page.set_viewport_size(size)

    def _sideways(self, measure: str = page_facts.SIDEWAYS) -> Iterator[str]:
        beyond = self.page.evaluate(measure)
        if beyond > 0:
            yield f"{beyond} px to scroll sideways"

    def _sideways_when_zoomed(self) -> Iterator[str]:
        size = self.page.viewport_size
        assert size
        self._resize({"width": ZOOMED["width"], "height": size["height"]})
        yield from (f"{fault} at {ZOOMED['width']} px" for fault in self._sideways(page_facts.SIDEWAYS_WHEN_SPACED))

    def _axe_violations(self) -> Iterator[str]:
        if not self.engine.runs_axe:
            return iter(())
        # A link under the mouse, where the page before was pressed, has the colours of a link under a mouse.
        self.page.mouse.move(0, 0)
        if not self.javascript and self._copies is None:
            self._copies = Copies(self.engine.browser)
        return axe.violations(self._copies.of(self.page) if self._copies else self.page)

    # What the browser reports -------------------------------------------------------------------------------------

    def _note_request(self, request: Request) -> None:
        if not request.url.startswith((*self._known, "data:", "blob:")):
            self._faults.append(f"a request leaves the portal: {request.url}")

    def _note_response(self, response: Response) -> None:
        request = response.request
        if request.is_navigation_request() and response.frame == self.page.main_frame:
            self._status = response.status
            self._arrived = True
        elif response.status >= 400:
            self._faults.append(f"status {response.status}: {response.url}")

    def _note_failure(self, request: Request) -> None:
        # A page that is left gives up what it was still loading.
        if request.failure != self.engine.given_up:
            self._faults.append(f"failed: {request.url}: {request.failure}")

    def _note_console(self, message: ConsoleMessage) -> None:
        # Chromium's own word on the page that was asked for; its status is checked by itself.
        if message.text.startswith("Failed to load resource") and message.location["url"] == self.page.url:
            return
        self._faults.append(f"console {message.type}: {message.text}")
