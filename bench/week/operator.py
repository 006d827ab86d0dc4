"""The operator, who has a second step: an authenticator app whose clock is the portal's."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING

from django_otp.oath import hotp

from bench.browser import Unexpected
from bench.week.people import AtABrowser, Person, follow, heading, hidden

if TYPE_CHECKING:
    from bench.browser import Answer
    from bench.week.machines import Machines

_SECRET = re.compile(rb'<code class="portal-secret">([A-Z2-7 ]+)</code>')
_PATH = re.compile(r"https://[^/]+(/recovery/link/\S+)")


class Operator(AtABrowser):
    """A national administrator, made at the command line."""

    def __init__(self, machines: Machines) -> None:
        super().__init__(Person(number=9999), machines)
        self._key = b""

    def begin(self, printed: str, password: str) -> None:
        """Set a password by the link that `create_admin` has printed, and the second step at the first log-in.

        Raises Unexpected.
        """
        link, named = _PATH.search(printed), re.search(r"\b(999[A-Z0-9]{3,})\b", printed)
        if link is None or named is None:
            msg = f"create_admin printed neither link nor username: {printed}"
            raise Unexpected(msg)
        self.person.username = named[1]
        self.set_password_at(link[1], password)
        browser = self.browser()
        form = browser.open("/log-in/")
        told = {"username": self.person.username, "password": password}
        follow(browser, browser.post("/log-in/", form, **hidden(form), **told))
        page = browser.open("/second-step/set-up/app/")
        secret = _SECRET.search(page.body)
        if secret is None:
            msg = f"no secret is shown: {heading(page)}"
            raise Unexpected(msg)
        self._key = base64.b32decode(secret[1].replace(b" ", b""))
        page = follow(browser, browser.post("/second-step/set-up/app/", page, **hidden(page), code=self._code()))
        page = follow(browser, browser.post("/second-step/set-up/codes/", page, **hidden(page)))
        self._arrive(page)
        self.keep(browser)

    def log_in(self, password: str = "") -> bool:
        """Log in by password and the app's code; return whether the operator is in. Raises Unexpected."""
        browser = self.begin_anew()
        form = browser.open("/log-in/")
        told = {"username": self.person.username, "password": password or self.person.password}
        answer = browser.post("/log-in/", form, **hidden(form), **told)
        if answer.status == 200:
            return False
        page = follow(browser, answer)
        answer = browser.post("/log-in/second-step/", page, **hidden(page), code=self._code())
        self._arrive(follow(browser, answer))
        self.keep(browser)
        return True

    def _arrive(self, page: Answer) -> None:
        if b"Log out" not in page.body:
            msg = f"the operator is not in: {heading(page)}"
            raise Unexpected(msg)
        self.person.let_in += 1

    def _code(self) -> str:
        """Return the code that the app shows (RFC 6238)."""
        return f"{hotp(self._key, int(self.machines.clock.now().timestamp()) // 30):06}"
