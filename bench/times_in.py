"""How long it takes a person from the address bar to My ESR, by each way in: `python -m bench.times_in`.

The demo is walked in Chromium, with a virtual authenticator for passkeys and the demo's Care Identity for smartcards.
What the browser and the portal take is measured. What the person takes is counted, by the keystroke-level model (Card,
Moran and Newell, "The keystroke-level model for user performance time", 1980): the robot itself types in no time.
"""

from __future__ import annotations

import base64
import dataclasses
import hmac
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

from demo.care_identity.cards import CARDS, PASSCODE
from tests.support import portal
from tests.support.browser import DESKTOP
from tests.support.chromium import launch
from tests.support.virtual_authenticator import VirtualAuthenticator

if TYPE_CHECKING:
    from playwright.sync_api import Page

# Seconds: a key of an average typist, pointing at something, moving a hand between devices, and thinking what is next.
KEY, POINT, MOVE, THINK = 0.2, 1.1, 0.4, 1.35
# One touch of a fingerprint reader is pointing at it.
TOUCH = POINT
# Take the phone, unlock it, open the app, find the code.
LOOK_UP_CODE = MOVE + TOUCH + POINT + KEY + THINK
USERNAME = "101AOKAFOR01"
# Of every person of the demo (demo/cast.py, which needs Django).
PASSWORD = "violet-harbour-tandem"  # noqa: S105 - published.
TIMES = 3


@dataclasses.dataclass
class Person:
    """A person at a browser, and the seconds that they themselves have taken so far."""

    page: Page
    took: float = 0.0

    def press(self, name: str) -> None:
        """Point at a button or link, and press it."""
        self.took += POINT + KEY
        pressed = self.page.get_by_role("button", name=name, exact=True)
        pressed.or_(self.page.get_by_role("link", name=name, exact=True)).first.click()

    def write(self, label: str, text: str) -> None:
        """Point at a box, and type into it."""
        self.took += POINT + KEY * (1 + len(text))
        self.page.get_by_label(label, exact=True).fill(text)

    def choose(self, label: str) -> None:
        """Point at one of several, and press it."""
        self.took += POINT + KEY
        self.page.get_by_label(label, exact=True).check()


def code(secret: bytes, *, steps: int = 0) -> str:
    """Return the code that an app shows (RFC 6238, SHA-1), or will show so many steps of half a minute later."""
    mac = hmac.digest(secret, (int(time.time()) // 30 + steps).to_bytes(8), "sha1")
    start = mac[-1] & 0xF
    return f"{(int.from_bytes(mac[start : start + 4]) & 0x7FFFFFFF) % 10**6:06}"


def by_password_and_code(person: Person, secret: bytes) -> None:
    """Log in with username, password and a code from the phone."""
    person.write("Username", USERNAME)
    person.write("Password", PASSWORD)
    person.press("Log in via Username Password")
    person.page.wait_for_url("**/second-step/**")
    person.took += LOOK_UP_CODE
    person.write("6-digit code", code(secret, steps=1))
    person.press("Continue")


def by_passkey(person: Person) -> None:
    """Log in with a passkey: the browser suggests it, or the button asks for it; either way it is one touch."""
    person.took += POINT + KEY + TOUCH
    person.page.wait_for_url("**/my-esr/")


def by_smartcard(person: Person) -> None:
    """Log in with a smartcard that is in its reader."""
    card = next(card for card in CARDS if card.uid == "555000000101")
    person.press("Log in with my Care Identity")
    person.choose("Smartcard")
    person.press("Continue")
    person.choose(card.name)
    person.write("Passcode", PASSCODE)
    person.press("OK")


def timed(page: Page, way: Callable[[Person], None]) -> tuple[float, float]:
    """Return the seconds that the person takes from the hub to My ESR by `way`, and those that the machines take."""
    person = Person(page)
    began = time.perf_counter()
    page.goto("/")
    person.press("Login to ESR")
    way(person)
    page.wait_for_url("**/my-esr/")
    page.get_by_role("heading", level=1).wait_for()
    return person.took, time.perf_counter() - began


def main() -> None:
    """Set up an app and a passkey for one person of the demo, and time each way in."""
    with (
        tempfile.TemporaryDirectory() as state,
        portal.running(state=Path(state), variables={"DEMO": "1"}) as running,
        sync_playwright() as playwright,
    ):
        browser = launch(playwright.chromium)
        context = browser.new_context(base_url=f"http://localhost:{running.port}", viewport=DESKTOP)
        page = context.new_page()
        secret, authenticator = _set_up(page)
        ways: dict[str, Callable[[Person], None]] = {
            "password and code": lambda person: by_password_and_code(person, secret),
            "passkey": by_passkey,
            "smartcard": by_smartcard,
        }
        held = authenticator.put_away()
        times: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
        for _ in range(TIMES):
            for name, way in ways.items():
                _log_out(page)
                if name == "passkey":
                    authenticator.take_back(held)
                times[name].append(timed(page, way))
                if name == "passkey":
                    # With its counter as it is now: one that goes back is a copy.
                    held = authenticator.put_away()
                # A code is good once, and the next one passes half a minute early.
                page.wait_for_timeout(31_000 if name == "password and code" else 0)
        _print(times)
        browser.close()


def _set_up(page: Page) -> tuple[bytes, VirtualAuthenticator]:
    authenticator = VirtualAuthenticator(page)
    person = Person(page)
    page.goto("/log-in/?next=/second-step/set-up/app/")
    person.write("Username", USERNAME)
    person.write("Password", PASSWORD)
    person.press("Log in via Username Password")
    page.wait_for_load_state()
    if "passkeys/offer" in page.url:
        person.press("Not now")
    secret = base64.b32decode(page.locator(".portal-secret").inner_text().replace(" ", ""))
    person.write("6-digit code", code(secret))
    person.press("Continue")
    page.wait_for_load_state()
    page.goto("/second-step/set-up/")
    person.press("Create a passkey")
    page.get_by_text("You can now log in with a passkey").wait_for()
    return secret, authenticator


def _log_out(page: Page) -> None:
    page.goto("/log-out/")
    page.locator("main form button").first.click()
    page.get_by_role("heading", level=1).wait_for()


def _print(times: dict[str, list[tuple[float, float]]]) -> None:
    print(f"From the address bar to My ESR, the middle of {TIMES}: seconds of the person, of the machines, together\n")
    middle = {
        name: tuple(statistics.median(part) for part in zip(*taken, strict=True)) for name, taken in times.items()
    }
    whole = sum(middle["password and code"])
    for name, (person, machines) in middle.items():
        of_it = (person + machines) / whole
        print(f"  {name:<20}{person:>8.1f}{machines:>8.1f}{person + machines:>8.1f}   {of_it:.2f} of password and code")


if __name__ == "__main__":
    main()
