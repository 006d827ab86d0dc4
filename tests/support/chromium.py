"""The system's Chromium, as tests and measurements start it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from installing.for_tests import BROWSERS
from tests.support.live import HOST

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserType

# Nothing but the portal can be reached, so a browser that calls home gets nowhere.
FLAGS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    # A process of its own for what is drawn by software anyway takes a twelfth of the journeys' processor time.
    "--in-process-gpu",
    "--no-pings",
    "--disable-domain-reliability",
    # A page is loaded in the process where pages of its site are open: see tests/support/contexts.py.
    "--process-per-site",
    # A page takes over the frame of the one before it of its site: a new one takes a quarter more processor time. The
    # other two features are Playwright's, whose own flag this replaces.
    "--enable-features=RenderDocument:level/crashed-frame,CDPScreenshotNewSurface,SkipListAccountsWithoutGaiaCookies",
    f"--host-resolver-rules=MAP {HOST} 127.0.0.1, MAP localhost 127.0.0.1, EXCLUDE 127.0.0.1, MAP * ~NOTFOUND",
]


def launch(chromium: BrowserType) -> Browser:
    """Start the system's Chromium, or else Playwright's own, which says how to install it where it is not there.

    Chromium's headless shell comes first: the same pages without a window's own, for half the processor time.
    """
    path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    return chromium.launch(executable_path=path, args=FLAGS)
