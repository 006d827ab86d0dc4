"""What people do, each as a function that is prepared beforehand and then measured."""

from __future__ import annotations

import html
import json
import re
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from bench import importing, portal, queries
from bench.browser import InProcess, Unexpected

if TYPE_CHECKING:
    from collections.abc import Callable

    from accounts.models import User
    from bench.attacks.care_identity import CareIdentity
    from bench.browser import Answer
    from bench.sizing.meter import Meter
    from tests.support.smtp import MailServer

_REFRESH = re.compile(rb"\r\nrefresh: 0; url=([^\r]+)", re.IGNORECASE)
# Of one file.
IMPORTED = 1000
HEADINGS = {
    "log_in": "log-in with a password, in a browser that has been used before",
    "new_browser": "log-in with a password in a new browser, and the mail about it",
    "passkey": "log-in with a passkey",
    "care_identity": "log-in with Care Identity",
    "log_out": "log-out",
    "wrong": "wrong password",
    "recovery": "recovery, from the form to the mail that the password was changed",
    "change": "password change, and its mail",
    "import": f"import of {IMPORTED:,} people, from the command line",
    "unlock": "unlocking by the helpdesk (the service, without its pages)",
}


class _Browser(InProcess):
    """A browser that notes where a page leads by itself."""

    refresh = ""

    def _exchange(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[bytes, bytes]:
        head, received = super()._exchange(method, path, headers, body)
        found = _REFRESH.search(head)
        self.refresh = found[1].decode() if found else ""
        return head, received


class Actions:
    """Prepares what the person with a number does; each number is for one of them."""

    def __init__(self, meter: Meter, mails: MailServer, provider: CareIdentity) -> None:
        from esr_portal.wsgi import application

        self._application, self._meter, self._mails, self._provider = application, meter, mails, provider
        self._agent: User | None = None

    def log_in(self, number: int) -> Callable[[], None]:
        """Log in where they have been before."""
        browser = self._known(number)
        return lambda: _must(self._log_in(browser, number))

    def new_browser(self, number: int) -> Callable[[], None]:
        """Log in, known in another browser alone: with one that they were never in no mail is sent."""
        self._known(number)

        def do() -> None:
            self._log_in(self._browser(number), number)
            self._meter.work()

        return do

    def passkey(self, number: int) -> Callable[[], None]:
        """Log in with a passkey."""
        from tests.support.passkeys import registered

        browser, (authenticator, _) = self._known(number), registered(_person(number))

        def do() -> None:
            form = browser.open("/log-in/")
            options = json.loads(_right(browser.post("/passkeys/log-in/begin/", form), 200).body)
            answer = browser.post("/passkeys/log-in/", form, credential=authenticator.use(options))
            browser.open(_right(answer, 302).location)

        return do

    def care_identity(self, number: int) -> Callable[[], None]:
        """Go to Care Identity and come back."""
        from tests.support.care_identity import link

        uid, browser = f"{555000000000 + number}", self._browser(number)
        link(_person(number), uid)

        def do() -> None:
            there = self._provider.provider
            there.claims["sub"] = uid
            there.userinfo |= {"sub": uid, "uid": uid}
            _right(browser.post("/care-identity/log-in/", browser.open("/log-in/")), 200)
            parameters = there.visit(html.unescape(browser.refresh))
            answer = browser.get(f"/care-identity/callback/?{urlencode(parameters)}")
            browser.open(_right(answer, 302).location)

        return do

    def log_out(self, number: int) -> Callable[[], None]:
        """Log out from My ESR."""
        browser = self._browser(number)
        page = self._log_in(browser, number)
        return lambda: _must(_right(browser.post("/log-out/", page), 302))

    def wrong(self, number: int) -> Callable[[], None]:
        """Mistype the password where they have been before."""
        browser = self._known(number)

        def do() -> None:
            sent = {"username": portal.username(number), "password": "wrong"}
            _right(browser.post("/log-in/", browser.open("/log-in/"), **sent), 200)

        return do

    def recovery(self, number: int) -> Callable[[], None]:
        """Ask for a link, have it mailed, and choose a new password."""
        browser, born = self._browser(number), portal.DATE_OF_BIRTH
        asked = {f"date_of_birth_{part}": str(getattr(born, part)) for part in ("day", "month", "year")}
        person = _person(number)

        def do() -> None:
            form = browser.open("/recovery/")
            browser.open(_right(browser.post("/recovery/", form, email=person.email, **asked), 302).location)
            self._meter.work()
            link = next(link for link in self._mails.mails[-1].links if "/recovery/link/" in link)
            there = _right(browser.get(urlsplit(link).path), 302).location
            page = browser.open(there)
            sent = browser.post(there, page, new_password=queries.NEW_PASSWORD, **_about(page))
            browser.open(_right(sent, 302).location)
            self._meter.work()

        return do

    def change(self, number: int) -> Callable[[], None]:
        """Change the password."""
        browser = self._browser(number)
        self._log_in(browser, number)

        def do() -> None:
            page = browser.open("/change-password/")
            sent = {"current_password": portal.PASSWORD, "new_password": queries.NEW_PASSWORD, **_about(page)}
            browser.open(_right(browser.post("/change-password/", page, **sent), 302).location)
            self._meter.work()

        return do

    def import_(self, number: int) -> Callable[[], None]:
        """Import people who were not there."""
        from people.services import people_import

        file = importing.file_of(IMPORTED, number * IMPORTED)
        return lambda: _must(people_import.run(file=file))

    def unlock(self, number: int) -> Callable[[], None]:
        """Unlock a person whose password was typed wrong ten times."""
        from django.utils import timezone

        from accounts.models import Lockout
        from accounts.services import lockout
        from helpdesk.services import helping

        person, now = _person(number), timezone.now()
        digest = lockout.username_digest(person.username)
        Lockout.objects.create(
            username_digest=digest, failures=lockout.LIMIT, in_a_row=lockout.LIMIT, last_failure_at=now, locked_at=now
        )
        agent = self._lead()
        return lambda: _must(helping.unlock(person=person, by=agent, note="Called from ward 4"))

    def _lead(self) -> User:
        if self._agent is None:
            self._agent = _person(0)
            self._agent.role, self._agent.is_staff = "lead", True
            self._agent.save()
        return self._agent

    def _browser(self, number: int) -> _Browser:
        return _Browser(self._application, f"10.3.{number // 250}.{number % 250 + 1}")

    def _known(self, number: int) -> _Browser:
        """Return a browser in which the person has logged in and out."""
        browser = self._browser(number)
        browser.post("/log-out/", self._log_in(browser, number))
        return browser

    def _log_in(self, browser: _Browser, number: int) -> Answer:
        sent = {"username": portal.username(number), "password": portal.PASSWORD}
        answer = browser.post("/log-in/", browser.open("/log-in/"), **sent)
        return browser.open(_right(answer, 302).location)


def _about(page: Answer) -> dict[str, str]:
    """Return what a form sends along of what it is about."""
    found = re.search(queries.ABOUT, page.body.decode())
    return {"about": found[1]} if found else {}


def _person(number: int) -> User:
    from accounts.models import User

    return User.objects.select_related("organisation").get(username=portal.username(number))


def _right(answer: Answer, status: int) -> Answer:
    if answer.status != status:
        msg = f"answered {answer.status} {answer.location}: {answer.body[:300]!r}"
        raise Unexpected(msg)
    return answer


def _must(done: object) -> None:
    if not done:
        msg = "nothing was done"
        raise Unexpected(msg)
