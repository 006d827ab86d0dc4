"""Debian's Firefox ESR, driven by Playwright through WebDriver BiDi: see docs/decisions/0036."""

from __future__ import annotations

import json
import shlex
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from websockets.sync.client import connect

from tests.support import firefox_between
from tests.support.engines import Engine
from tests.support.live import HOST

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, BrowserType, Locator

NAMES = ("firefox-esr", "firefox")
MISSING = "firefox-esr is not installed: apt-get install firefox-esr"

# Nothing but this machine can be reached, so a browser that calls home gets nowhere: the proxy is a port that nothing
# listens on, and it is asked for the address of a name, too.
ONLY_THIS_MACHINE: dict[str, str | float | bool] = {
    "network.dns.localDomains": HOST,
    "network.proxy.type": 1,
    "network.proxy.http": "127.0.0.1",
    "network.proxy.http_port": 9,
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.ssl_port": 9,
    "network.proxy.no_proxies_on": f"{HOST}, localhost, 127.0.0.1",
    "network.captive-portal-service.enabled": False,
    "services.settings.server": "http://127.0.0.1:9/",
    "toolkit.telemetry.server": "",
}
PREFERENCES = {**ONLY_THIS_MACHINE, "ui.prefersReducedMotion": 1}


def path() -> str | None:
    """Return where the system's Firefox is, or None where there is none. A snap's cannot read what is in /tmp."""
    found = (shutil.which(name) for name in NAMES)
    return next((each for each in found if each and not _is_a_snap(Path(each))), None)


def _is_a_snap(program: Path) -> bool:
    with program.open("rb") as file:
        return program.resolve().name == "snap" or b"/snap/" in file.read(4096)


class Firefox(Engine):
    """A running Firefox. `inside` asks it what no page could tell."""

    name = "Firefox"
    given_up = "NS_BINDING_ABORTED"
    runs_axe = False

    def __init__(self, playwright: BrowserType, *, state: Path) -> None:
        """Start it. `state` is a folder for what it needs to be started."""
        self._port_file = state / "port"
        program = state / "firefox"
        between = [sys.executable, "-P", firefox_between.__file__, str(path()), "--remote-allow-system-access"]
        told = f"{firefox_between.PORT_FILE}={shlex.quote(str(self._port_file))}"
        program.write_text(f'#!/bin/sh\n{told} exec {shlex.join(between)} "$@"\n', encoding="utf-8")
        program.chmod(0o700)
        super().__init__(
            playwright.launch(channel="moz-firefox", executable_path=program, firefox_user_prefs=PREFERENCES)
        )

    def new_context(self, *, javascript: bool = True, **more: Any) -> BrowserContext:
        """Return a browser of a person's own.

        Whether it runs scripts holds for every page that is opened from now on, this person's or another's.
        """
        self.runs_scripts = self.takes_pictures = javascript
        setting = f"Services.prefs.setBoolPref('javascript.enabled', {json.dumps(javascript)})"
        self.inside(f"() => {{ {setting}; return null; }}")
        return super().new_context(**more)

    def click(self, place: Locator) -> None:
        """Click on a button or a link. Without scripts Enter is pressed on it: Playwright's click waits for a timer."""
        if self.runs_scripts:
            place.click()
        else:
            place.focus()
            place.page.keyboard.press("Enter")

    def fill(self, box: Locator, text: str) -> None:
        """Type a text into a box, key by key: of what a script puts there, Firefox would keep nothing for later."""
        box.focus()
        box.page.keyboard.press("ControlOrMeta+A")
        box.page.keyboard.press("Delete")
        box.page.keyboard.type(text)

    def inside(self, script: str) -> Any:
        """Return what a function of JavaScript returns that runs in the browser itself, not in a page."""
        port = self._port_file.read_text(encoding="ascii")
        with connect(f"ws://127.0.0.1:{port}{firefox_between.INSIDE}", compression=None) as socket:
            socket.send(f"(async () => JSON.stringify(await ({script})()))()")
            answer = json.loads(socket.recv())
        value = answer.get("result", {}).get("result", {}).get("value")
        assert isinstance(value, str), answer
        return json.loads(value)
