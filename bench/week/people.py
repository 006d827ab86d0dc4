"""What people do at their browsers in the week, and what they remember of it."""

from __future__ import annotations

import dataclasses
import datetime
import re
import time
from typing import TYPE_CHECKING

from bench.browser import Answer, Browser, Unexpected

if TYPE_CHECKING:
    from bench.week.machines import Machines
    from tests.support.smtp import Mail

HEADING = "organisation,employee_number,given_name,family_name,email,date_of_birth,person_type,ends_on"
# Seconds in which the worker has to do what a person waits for.
PATIENCE = 60
_HIDDEN = re.compile(rb'<input type="hidden" name="(?!csrfmiddlewaretoken)([a-z_]+)" value="([^"]*)"')
_USERNAME = re.compile(r"\b999[A-Z0-9]{3,}\b")
_LINK = "/recovery/link/"


@dataclasses.dataclass
class Person:
    """One person: what is on record, and what they have been told or have chosen."""

    number: int
    username: str = ""
    password: str = ""
    former_password: str = ""
    ends_on: datetime.date | None = None
    # How often they asked for a mail and were answered, and how often they were let in.
    asked: int = 0
    let_in: int = 0

    @property
    def email(self) -> str:
        """Their address."""
        return f"person{self.number}@week.example"

    @property
    def date_of_birth(self) -> datetime.date:
        """Their date of birth."""
        return datetime.date(1960, 1, 1) + datetime.timedelta(days=97 * self.number)

    @property
    def line(self) -> str:
        """Their line in a file of people, under HEADING."""
        last_day = self.ends_on.isoformat() if self.ends_on else ""
        facts = (f"1{self.number:07}", "Jo", "Tester", self.email, self.date_of_birth.isoformat(), "staff", last_day)
        return ",".join(("999", *facts))


class AtABrowser:
    """A person at a browser of their own, which is behind the proxy: us."""

    def __init__(self, person: Person, machines: Machines) -> None:
        self.person, self.machines = person, machines
        self._cookies: dict[str, str] = {}

    # Getting in --------------------------------------------------------------------------------------------------

    def log_in(self, password: str = "") -> bool:
        """Log in; return whether the person is in. Raises Unexpected where the portal answers neither yes nor no."""
        browser = self.begin_anew()
        form = browser.open("/log-in/")
        answer = browser.post(
            "/log-in/", form, **hidden(form), username=self.person.username, password=password or self.person.password
        )
        if answer.status == 200:
            self.keep(browser)
            return False
        page = follow(browser, answer)
        if b'action="/passkeys/offer/later/"' in page.body:
            page = follow(browser, browser.post("/passkeys/offer/later/", page, **hidden(page)))
        if b"Log out" not in page.body:
            msg = f"{self.person.username} was let in and is not logged in: {heading(page)}"
            raise Unexpected(msg)
        self.keep(browser)
        self.person.let_in += 1
        return True

    def is_logged_in(self) -> bool:
        """Return whether the browser's session goes on."""
        browser = self.browser()
        answer = browser.get("/my-esr/")
        self.keep(browser)
        return answer.status == 200

    # Recovery ----------------------------------------------------------------------------------------------------

    def ask_for_a_mail(self) -> None:
        """Send the recovery form, with the right date of birth."""
        browser, born = self.browser(), self.person.date_of_birth
        form = browser.open("/recovery/")
        date = {"date_of_birth_day": born.day, "date_of_birth_month": born.month, "date_of_birth_year": born.year}
        told = {name: str(value) for name, value in date.items()}
        page = follow(browser, browser.post("/recovery/", form, **hidden(form), email=self.person.email, **told))
        if page.status != 200 or b"/recovery/again/" not in page.body:
            msg = f"the recovery form answered {page.status}: {heading(page)}"
            raise Unexpected(msg)
        self.person.asked += 1
        self.keep(browser)

    def set_password_by(self, mail: Mail, password: str) -> bool:
        """Open the link of a mail and set a password; return whether the link was good."""
        (link,) = [link for link in mail.links if _LINK in link]
        named = _USERNAME.search(mail.text)
        self.person.username = named[0] if named else self.person.username
        return self.set_password_at(link[link.index(_LINK) :], password)

    def set_password_at(self, path: str, password: str) -> bool:
        """Open a link and set a password; return whether the link was good. Raises Unexpected."""
        browser = self.begin_anew()
        page = follow(browser, browser.get(path))
        if b'name="new_password"' not in page.body:
            return False
        answer = browser.post("/recovery/new-password/" + query(page), page, **hidden(page), new_password=password)
        done = follow(browser, answer)
        if answer.status != 302 or done.status != 200:
            msg = f"a new password was answered {answer.status}: {heading(answer)}"
            raise Unexpected(msg)
        self.person.former_password, self.person.password = self.person.password, password
        self.keep(browser)
        return True

    def mails(self) -> list[Mail]:
        """Return the mails with a link to a new password that have come to the person."""
        return [
            mail
            for mail in list(self.machines.mails.mails)
            if self.person.email in mail.recipients and any(_LINK in link for link in mail.links)
        ]

    def wait_for_mails(self, count: int) -> Mail:
        """Wait until so many such mails have come; return the newest. Raises Unexpected."""
        deadline = time.monotonic() + PATIENCE
        while len(self.mails()) < count:
            if time.monotonic() > deadline:
                msg = f"{self.person.email} has {len(self.mails())} mails of {count}"
                raise Unexpected(msg)
            time.sleep(0.1)
        return self.mails()[-1]

    def browser(self) -> Browser:
        """Return a new connection of this browser."""
        browser = Browser(self.machines.port, f"10.3.{self.person.number // 250}.{self.person.number % 250 + 1}")
        browser.cookies = self._cookies
        return browser

    def begin_anew(self) -> Browser:
        """Return a new connection of this browser after it was closed: it has forgotten its session, and no more."""
        self._cookies = {name: value for name, value in self._cookies.items() if not name.endswith("session")}
        return self.browser()

    def keep(self, browser: Browser) -> None:
        """Keep the cookies that a connection has brought, and close it."""
        self._cookies = browser.cookies
        browser.close()


def follow(browser: Browser, answer: Answer) -> Answer:
    """Go where an answer leads, until a page comes."""
    for _ in range(6):
        if answer.status not in {301, 302, 303}:
            break
        path = answer.location
        answer = browser.get(path)
        answer.location = answer.location or path
        if answer.status == 200:
            break
    return answer


def query(page: Answer) -> str:
    """Return the part behind "?" of the address that led to a page."""
    return f"?{page.location.partition('?')[2]}" if "?" in page.location else ""


def hidden(page: Answer) -> dict[str, str]:
    """Return the hidden fields of a page's form."""
    return {name.decode(): value.decode() for name, value in _HIDDEN.findall(page.body)}


def heading(page: Answer) -> str:
    """Return what a page says that it is, or ""."""
    found = re.search(rb"<h1[^>]*>(.*?)</h1>", page.body, re.DOTALL)
    return found[1].decode().strip() if found else ""
