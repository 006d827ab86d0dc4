"""Make the README's picture anew: ``python -m tests.support.pictures``.

``python -m tests.support.pictures FOLDER`` walks through the demo instead, and leaves in FOLDER what every step looks
like on a phone, a tablet and a desktop.
"""

from __future__ import annotations

import base64
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support import portal

if TYPE_CHECKING:
    from playwright.sync_api import Browser

README_PICTURE = portal.ROOT / "docs" / "picture.png"
# What the README shows: a page, the window it is seen in, and how wide it is drawn.
SHOWN = [("/", {"width": 1280, "height": 860}, 760), ("/log-in/", {"width": 360, "height": 800}, 250)]
FRAME = """<!DOCTYPE html><style>
  body { margin: 0; padding: 24px; display: inline-flex; gap: 24px; align-items: flex-end; background: #d8dde0 }
  img { border: 1px solid #768692; border-radius: 8px; box-shadow: 0 2px 8px rgb(0 0 0 / 25%) }
</style>"""


def walk(folder: Path) -> int:
    """Walk through the demo; return pytest's exit code."""
    os.environ["PICTURES"] = str(folder.resolve())
    return int(pytest.main(["-q", str(portal.ROOT / "tests" / "journeys" / "test_make_run.py")]))


def make_readme_picture() -> None:
    """Run a demo and put its hub and its log-in page into one picture."""
    from playwright.sync_api import sync_playwright

    from tests.support.chromium import launch

    with (
        tempfile.TemporaryDirectory() as state,
        portal.running(state=Path(state), variables={"DEMO": "1"}) as running,
        sync_playwright() as playwright,
    ):
        browser = launch(playwright.chromium)
        drawn = "".join(_drawn(browser, running, *shown) for shown in SHOWN)
        page = browser.new_page(device_scale_factor=1.5)
        page.set_content(FRAME + drawn)
        page.locator("body").screenshot(path=README_PICTURE)
        browser.close()


def _drawn(browser: Browser, running: portal.Running, path: str, window: Any, width: int) -> str:
    """Return an image element with what a page looks like."""
    page = browser.new_page(viewport=window, device_scale_factor=2, locale="en-GB")
    page.goto(f"http://localhost:{running.port}{path}")
    picture = base64.b64encode(page.screenshot()).decode("ascii")
    page.close()
    return f'<img src="data:image/png;base64,{picture}" width="{width}">'


if __name__ == "__main__":
    if len(sys.argv) > 1:
        sys.exit(walk(Path(sys.argv[1])))
    make_readme_picture()
