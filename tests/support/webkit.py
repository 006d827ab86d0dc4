"""Debian's WebKitGTK, driven by Selenium on a screen that is in memory alone: see docs/decisions/0036."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from selenium.webdriver import Remote, WebKitGTKOptions, WebKitGTKService
from selenium.webdriver.common.by import By
from selenium.webdriver.common.proxy import Proxy
from selenium.webdriver.remote.client_config import ClientConfig
from selenium.webdriver.remote.remote_connection import RemoteConnection
from selenium.webdriver.support.wait import WebDriverWait

from tests.support import page_facts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from selenium.webdriver.remote.webelement import WebElement

MISSING = "webkit2gtk-driver is not installed: apt-get install webkit2gtk-driver xvfb"
VERSIONS = ("webkit2gtk-4.1", "webkitgtk-6.0", "webkit2gtk-4.0")
# Nothing but this machine can be reached: the proxy is a port that nothing listens on.
NOWHERE = "127.0.0.1:9"
ONLY_THIS_MACHINE = {"proxyType": "manual", "httpProxy": NOWHERE, "sslProxy": NOWHERE, "noProxy": ["localhost"]}
# No graphics card, no bus for accessibility, and no sandbox, which root and most containers cannot make: it opens the
# pages of the portal alone.
IN_A_CONTAINER = {
    "LIBGL_ALWAYS_SOFTWARE": "1",
    "WEBKIT_DISABLE_COMPOSITING_MODE": "1",
    "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1",
    "NO_AT_BRIDGE": "1",
}
# Seconds. Generous: the machine may be doing other things.
PATIENCE = 60


def programs() -> tuple[str, str, str] | None:
    """Return the paths of the driver, the browser and the screen's program, or None where one of them is missing."""
    libraries = [
        folder for place in ("lib", "lib64", "libexec") for folder in _with_those_of_machines(Path("/usr", place))
    ]
    browsers = (str(folder / version / "MiniBrowser") for version in VERSIONS for folder in libraries)
    browser = next(filter(partial(os.access, mode=os.X_OK), browsers), None)
    driver, screen = shutil.which("WebKitWebDriver"), shutil.which("Xvfb")
    return (driver, browser, screen) if driver and browser and screen else None


def _with_those_of_machines(folder: Path) -> list[Path]:
    """Return a folder of libraries, and those in it that Debian has for each kind of machine."""
    return [folder, *sorted(folder.glob("*-linux-gnu*"))]


@contextlib.contextmanager
def running(*, state: Path) -> Iterator[WebKit]:
    """Run a WebKitGTK until the block ends. `state` is a folder for what it writes.

    Raises AssertionError where a program is missing.
    """
    found = programs()
    assert found, MISSING
    driver, browser, screen = found
    options = WebKitGTKOptions()
    options.binary_location = browser
    options.add_argument("--automation")
    options.set_capability("acceptInsecureCerts", True)
    options.proxy = Proxy(ONLY_THIS_MACHINE)
    folders = {name: str(state) for name in ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")}
    with _running_screen(screen) as display:
        # With the driver's path Selenium does not start its manager, which would look for it elsewhere and report that.
        service = WebKitGTKService(driver, env={**os.environ, **IN_A_CONTAINER, **folders, "DISPLAY": display})
        try:
            service.start()
            # No proxy of the machine's between the tests and the driver.
            told = ClientConfig(service.service_url, proxy=Proxy({"proxyType": "direct"}), timeout=PATIENCE)
            automated = Remote(RemoteConnection(client_config=told), options=options)
            yield WebKit(automated)
            automated.quit()
        finally:
            service.stop()


@contextlib.contextmanager
def _running_screen(program: str) -> Iterator[str]:
    """Run a screen that is in memory alone until the block ends, or its last program; yield its name."""
    number, written = os.pipe()
    command = [program, "-displayfd", str(written), "-screen", "0", "1280x1024x24", "-terminate"]
    screen = subprocess.Popen(command, pass_fds=[written], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        os.close(written)
        with os.fdopen(number, encoding="ascii") as ready:
            display = ready.readline().strip()
        assert display, f"{program} has not started"
        yield f":{display}"
    finally:
        screen.terminate()
        screen.wait(timeout=PATIENCE)


class WebKit:
    """A running WebKitGTK, for one person at a time. `driver` is Selenium's."""

    def __init__(self, driver: Remote) -> None:
        self.driver = driver
        self._first = driver.current_window_handle

    def person(self, url: str) -> Person:
        """Return a person at a window of their own, without cookies or history. `url` is the portal's address."""
        self.driver.switch_to.window(self._first)
        for place in self.driver.window_handles:
            if place != self._first:
                self.driver.switch_to.window(place)
                self.driver.close()
        self.driver.switch_to.window(self._first)
        # A driver deletes the cookies of the site that is open.
        self.driver.get(f"{url}/health/live")
        self.driver.delete_all_cookies()
        return Person(self.driver, url, at="window")


class Person:
    """Does what a person does, and after each step checks what a page says of itself. `at` is "window" or "tab"."""

    def __init__(self, driver: Remote, url: str, *, at: str) -> None:
        self._driver = driver
        driver.switch_to.new_window(at)
        self._place = driver.current_window_handle
        self._url = url
        self._pages = 0

    def new_tab(self) -> Person:
        """Return the same person at another tab, which stays in the background."""
        self._come_here()
        return Person(self._driver, self._url, at="tab")

    # What a person does --------------------------------------------------------------------------------------------

    def open(self, address: str) -> None:
        """Type an address, or open a link in a mail."""
        self._leave(partial(self._driver.get, address if address.startswith("http") else self._url + address))

    def fill(self, **fields: str) -> None:
        """Fill in fields; each is named by its label with underscores for blanks, whatever its case."""
        for label, text in fields.items():
            box = self._box(label)
            box.clear()
            box.send_keys(text)

    def press(self, button: str) -> None:
        """Press a button (or what looks like one) that leads to a page, by its words."""
        self._leave(self._seen(f"//*[(self::button or @role='button') and normalize-space()='{button}']").click)

    def follow(self, link: str) -> None:
        """Follow a link by its words."""
        self._leave(self._seen(f"//a[normalize-space()='{link}']").click)

    def back(self) -> None:
        """Press the browser's Back."""
        self._leave(self._driver.back)

    def _leave(self, step: Callable[[], None]) -> None:
        """Take a step that leads to another page; wait for that page, and check it."""
        self._pages += 1
        self.asks(f"window.left = {self._pages}")
        step()
        arrived = f"window.left !== {self._pages} && document.readyState === 'complete'"
        self.waits(lambda: self.asks(arrived))
        faults = page_facts.faults(self.asks(f"({page_facts.FACTS})()"), True)
        assert not faults, f"{self._driver.current_url}: {faults}"

    # What a person sees --------------------------------------------------------------------------------------------

    @property
    def heading(self) -> str:
        """The page's h1."""
        return self._seen("//h1").text.strip()

    @property
    def path(self) -> str:
        """The address without the portal's own."""
        self._come_here()
        return self._driver.current_url.removeprefix(self._url)

    def typed(self, label: str) -> str:
        """Return what stands in a field."""
        return str(self._box(label).get_property("value"))

    def sees(self, *texts: str) -> None:
        """Check that texts are visible. Raises AssertionError."""
        body = self._seen("//body").text
        assert not [text for text in texts if text not in body], body

    def finds_nothing_of(self, *texts: str) -> None:
        """Check that texts are nowhere in the page or its boxes, visible or not. Raises AssertionError."""
        page = self.asks(
            "document.documentElement.outerHTML + Array.from(document.forms, (form) =>"
            " Array.from(form.elements, (box) => box.value)).flat()"
        )
        assert not [text for text in texts if text in page], page

    def asks(self, expression: str) -> Any:
        """Return the value of an expression of JavaScript."""
        self._come_here()
        return self._driver.execute_script(f"return {expression}")

    def waits(self, is_so: Callable[[], bool], *, seconds: float = PATIENCE) -> None:
        """Wait until the function `is_so` returns True. Raises TimeoutException."""
        WebDriverWait(self._driver, seconds, poll_frequency=0.05).until(lambda _: is_so())

    def _box(self, label: str) -> WebElement:
        words = label.replace("_", " ").lower()
        lowered = "translate(normalize-space(), 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz')"
        return self._seen(f"//*[@id = //label[{lowered}='{words}']/@for]")

    def _seen(self, path: str) -> WebElement:
        self._come_here()
        found = [each for each in self._driver.find_elements(By.XPATH, path) if each.is_displayed()]
        assert found, f"{path} is not on the page {self._driver.current_url}"
        return found[0]

    def _come_here(self) -> None:
        self._driver.switch_to.window(self._place)
