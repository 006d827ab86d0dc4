"""What the first visit of the log-in page costs a phone on a bad line: `python -m bench.first_visit`.

Bytes are those on the wire, headers included, by Chromium's own count (DevTools protocol, Network.loadingFinished). The
line is slowed down by Network.emulateNetworkConditions; connecting and TLS are not in it.
"""

from __future__ import annotations

import collections
from typing import TYPE_CHECKING, Any

from playwright.sync_api import sync_playwright

from bench import portal
from bench.browser import HOST, READS
from tests.support.browser import PHONE
from tests.support.chromium import launch

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PATH = "/log-in/"
# The edge of a mobile network, as in a hospital's basement: bits and seconds.
BITS_PER_SECOND = 35_000
LATENCY = 0.8
TIMES = 3
# The headless browser loads no icon. A browser with a window takes the scalable one where it knows that kind.
_LOAD_ICON = (
    "() => fetch(document.querySelector('link[rel=icon][type=\"image/svg+xml\"]').href).then(got => got.text())"
)
# Milliseconds from the click on a link to the page: until the form is drawn, and until its scripts have run.
_TIMES = """() => [
    performance.getEntriesByName('first-contentful-paint')[0].startTime,
    performance.getEntriesByType('navigation')[0].loadEventStart,
]"""


def main() -> None:
    """Visit the page as a browser that has never been there, and print what came out."""
    with portal.database(), portal.server() as server, sync_playwright() as playwright:
        browser = launch(playwright.chromium)
        address = f"http://{HOST}:{server.port}{PATH}"
        print(f"First visit of {PATH}: bytes on the wire\n")
        sizes = _sizes(browser, address)
        for kind, size in [*sizes.most_common(), ("together", sizes.total())]:
            print(f"  {kind:<35}{size:>8,}")
        print(f"\nAt {BITS_PER_SECOND / 1000:.0f} kbit/s and {LATENCY} s latency, the middle of {TIMES}\n")
        for what, seconds in _times(browser, address).items():
            print(f"  {what:<35}{seconds:>8.1f} s")
        browser.close()


def _new_page(browser: Browser) -> Page:
    # What the proxy says: people are at the portal over TLS.
    context = browser.new_context(viewport=PHONE, locale=READS, extra_http_headers={"X-Forwarded-Proto": "https"})
    return context.new_page()


def _sizes(browser: Browser, address: str) -> collections.Counter[str]:
    """Return how many bytes each kind of file took."""
    page = _new_page(browser)
    devtools = page.context.new_cdp_session(page)
    kinds: dict[str, str] = {}
    sizes: collections.Counter[str] = collections.Counter()

    def note_kind(event: dict[str, Any]) -> None:
        kinds[event["requestId"]] = event["type"].replace("Fetch", "Icon")

    def note_size(event: dict[str, Any]) -> None:
        sizes[kinds[event["requestId"]]] += int(event["encodedDataLength"])

    devtools.on("Network.responseReceived", note_kind)
    devtools.on("Network.loadingFinished", note_size)
    devtools.send("Network.enable")
    page.goto(address, wait_until="load")
    page.evaluate(_LOAD_ICON)
    page.wait_for_timeout(500)
    page.context.close()
    return sizes


def _times(browser: Browser, address: str) -> dict[str, float]:
    """Return the seconds until the form can be filled in, and until its scripts have run."""
    seen = []
    for _ in range(TIMES):
        page = _new_page(browser)
        devtools = page.context.new_cdp_session(page)
        devtools.send("Network.enable")
        devtools.send(
            "Network.emulateNetworkConditions",
            {
                "offline": False,
                "latency": LATENCY * 1000,
                "downloadThroughput": BITS_PER_SECOND / 8,
                "uploadThroughput": BITS_PER_SECOND / 8,
            },
        )
        page.goto(address, wait_until="load", timeout=120_000)
        page.wait_for_timeout(200)
        seen.append(page.evaluate(_TIMES))
        page.context.close()
    drawn, run = (sorted(times)[TIMES // 2] / 1000 for times in zip(*seen, strict=True))
    return {"the form is there to fill in": drawn, "its scripts have run": run}


if __name__ == "__main__":
    main()
