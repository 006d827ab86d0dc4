"""What a person, an agent and Care Identity do, with each secret of it noted, and each page that they were shown."""

from __future__ import annotations

import base64
import datetime
import html
import re
import secrets
import time
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit

from bench.attacks import canary_forms, gate, people
from bench.attacks.canary_forms import Canary, made_up
from bench.attacks.visitor import Unexpected, Visitor, address

if TYPE_CHECKING:
    from collections.abc import Callable

    from accounts.models import User
    from bench.attacks.rig import Rig
    from bench.browser import Answer
    from tests.support.authenticator import PhoneApp

SOURCE = 830_000
UID = "555000000999"
_SECRET = re.compile(rb'class="portal-secret">([^<]+)<')
_CODES = re.compile(rb"<li><code>([^<]+)</code></li>")
_CALLERS_CODE = re.compile(rb"<strong>(\d{3} ?\d{3})</strong>")


class Watched(Visitor):
    """A browser of which each address that it asks for and each page that it is shown is noted."""

    def __init__(self, rig: Rig, *, address: str) -> None:
        super().__init__(rig, address=address)
        self.asked: list[str] = []
        self.pages: list[tuple[str, bytes]] = []

    def _exchange(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[bytes, bytes]:
        head, received = super()._exchange(method, path, headers, body)
        self.asked.append(path)
        # Cookies are the browser's to keep.
        shown = re.sub(rb"\r\n(?i:set-cookie):[^\r]*", b"", head)
        self.pages.append((urlsplit(path).path, shown + b"\r\n\r\n" + received))
        return head, received


class Walk:
    """The people, what they did, and what came of it: `canaries` are all of the secrets."""

    def __init__(self, rig: Rig, look: Callable[[], None]) -> None:
        from tests.support.factories import make_user

        # `look` is called whenever something may stand in the database for a moment.
        self._rig, self._look = rig, look
        self.doctors_page = b""
        self.canaries: list[Canary] = []
        self.browsers: list[Watched] = []
        mark = secrets.token_hex(4)
        born = datetime.date(1931, 1, 1) + datetime.timedelta(days=secrets.randbelow(2000))
        # The day could be any of the month, and the month too.
        self._born = born.replace(day=13 + born.day % 15)
        self._password = self._secret("first password", made_up("quartz"), is_guessable=True)
        self.person = make_user(
            password=self._password,
            username=f"999CANARY{mark.upper()}",
            given_name=f"Wren{mark}",
            family_name=f"Dunnock{mark}",
            email=f"wren.dunnock.{mark}@nhs.net",
            date_of_birth=self._born,
        )
        self.canaries.append(canary_forms.of_date("date of birth", self._born))
        for name in ("username", "given_name", "family_name", "email"):
            spelt = (str(getattr(self.person, name)),)
            self.canaries.append(Canary(name.replace("_", " "), spelt, is_personal=True))
        self._browser = self._new_browser()

    def _secret(self, name: str, value: str, *, is_guessable: bool = False) -> str:
        if not value:
            msg = f"there is no {name} to look for"
            raise Unexpected(msg)
        without = value.replace(" ", "")
        spelt = (value, without) if value.replace(" ", "").isalnum() else (value,)
        self.canaries.append(Canary(name, spelt, is_guessable=is_guessable))
        return value

    def _new_browser(self) -> Watched:
        self.browsers.append(Watched(self._rig, address=address(SOURCE + len(self.browsers))))
        return self.browsers[-1]

    def _send(self, browser: Watched, path: str, **typed: str) -> Answer:
        """Open a form and send it; return the answer."""
        page = browser.open(path)
        return browser.wait_and_post(path, page, **people.about(page), **typed)[0]

    def _goes_on(self, answer: Answer, to: str) -> None:
        if answer.status != 302 or not answer.location.startswith(to):
            msg = f"answered {answer.status} {answer.location} in the place of {to}"
            raise Unexpected(msg)

    def _note_cookies(self, browser: Watched, when: str) -> None:
        for name, value in browser.cookies.items():
            known = any(value.strip('"') in each.spelt for each in self.canaries)
            if len(value) >= 20 and name != "__Host-username" and not known:
                self._secret(f"cookie {name[:8]}… {when}", value.strip('"'))

    def go(self) -> None:
        """Do all of it, in the order in which people do."""
        steps = (self.recover, self.set_up_a_second_step, self.log_in_with_it, self.change_the_password)
        for step in (*steps, self.call_the_helpdesk, self.come_by_card, self.see_the_doctor):
            step()
            self._look()
        for name in ("SECRET_KEY", "SECOND_STEP_KEYS"):
            self._secret(name, self.keys[name])

    def close(self) -> None:
        """Let every browser hang up."""
        for browser in self.browsers:
            browser.close()

    @property
    def keys(self) -> dict[str, str]:
        """The portal's own secrets, as the rig's processes have them."""
        from tests.environment import PRODUCTION

        return PRODUCTION

    def recover(self) -> None:
        """Mistype, ask for a link, with a wrong date first, and set a password by it."""
        wrong = self._secret("wrong password", made_up("basalt"), is_guessable=True)
        people.try_to_log_in(self._browser, self.person.username, wrong)
        # The password in the box of the username, as happens.
        people.try_to_log_in(self._browser, self._secret("password as a username", made_up("gneiss")), wrong)
        another = self._born + datetime.timedelta(days=400)
        self.canaries.append(canary_forms.of_date("wrong date of birth", another))
        for born in (another, self._born):
            self._goes_on(self._send(self._browser, "/recovery/", **self._date(born), email=self.person.email), "/")
            self._look()
        path = people.mailed_link(self._rig, self.person.email)
        self._secret("recovery link", path.rstrip("/").rpartition("/")[2])
        page_path, page = people.open_link(self._browser, path)
        self._note_cookies(self._browser, "with a link")
        self._look()
        self._password = self._secret("new password", made_up("feldspar"), is_guessable=True)
        typed = {"new_password": self._password, **people.about(page)}
        self._goes_on(self._browser.wait_and_post(page_path, page, **typed)[0], "/recovery/done/")

    def _date(self, born: datetime.date) -> dict[str, str]:
        return {f"date_of_birth_{part}": str(getattr(born, part)) for part in ("day", "month", "year")}

    def set_up_a_second_step(self) -> None:
        """Log in, set up an app and recovery codes, save them as a file, and log out."""
        from tests.support.authenticator import PhoneApp

        browser = self._browser
        self._goes_on(people.try_to_log_in(browser, self.person.username, self._password), "/")
        self._note_cookies(browser, "logged in")
        path = "/second-step/set-up/app/"
        secret = _first(_SECRET, browser.open(path))
        self._secret("secret of the app", secret)
        self._app = PhoneApp.typed(secret)
        self._secret("secret of the app in hexadecimal", base64.b32decode(secret.replace(" ", "")).hex())
        self._look()
        code = self._secret("code at set-up", self._app.code(), is_guessable=True)
        self._goes_on(self._send(browser, path, code=code), "/")
        self._send(browser, "/second-step/set-up/codes/", make="yes")
        page = browser.open("/second-step/set-up/codes/")
        self._codes = [each.decode() for each in _CODES.findall(page.body)]
        for number, each in enumerate(self._codes):
            self._secret(f"recovery code {number}", each)
        browser.open("/second-step/set-up/codes/file/")
        self._look()
        people.log_out(browser)

    def log_in_with_it(self) -> None:
        """Log in with a code, after a wrong one, and be remembered there; and with a recovery code elsewhere."""
        path, elsewhere = "/log-in/second-step/", self._new_browser()
        self._goes_on(people.try_to_log_in(self._browser, self.person.username, self._password), path)
        wrong = self._secret("wrong code", _code_other_than(self._app), is_guessable=True)
        self._send(self._browser, path, code=wrong)
        code = self._secret("code", self._app.next_code(), is_guessable=True)
        self._goes_on(self._send(self._browser, path, code=code, remember_browser="on"), "/")
        self._note_cookies(self._browser, "with the second step")
        self._goes_on(people.try_to_log_in(elsewhere, self.person.username, self._password), path)
        self._goes_on(self._send(elsewhere, "/log-in/second-step/lost/", code=self._codes[0]), "/")
        self._note_cookies(elsewhere, "elsewhere")
        elsewhere.open("/my-esr/security/activity/")

    def change_the_password(self) -> None:
        """Change it, with the wrong one first, and open the link of the mail that says “this was not me”."""
        wrong = self._secret("wrong current password", made_up("olivine"), is_guessable=True)
        new = self._secret("password after the change", made_up("mica"), is_guessable=True)
        self._send(self._browser, "/change-password/", current_password=wrong, new_password=new)
        self._goes_on(
            self._send(self._browser, "/change-password/", current_password=self._password, new_password=new), "/"
        )
        self._password = new
        self._note_cookies(self._browser, "with the new password")
        path = _mailed(self._rig, self.person, "/this-was-not-me/link/")
        self._secret("link of “this was not me”", path.rstrip("/").rpartition("/")[2])
        people.open_link(self._new_browser(), path)

    def call_the_helpdesk(self) -> None:
        """Let an agent find the person, compare their date of birth, check them by code, and call back another one."""
        from tests.support.factories import make_user
        from tests.support.helpdesk import at_work, make_lead

        agent = self._new_browser()
        agent.cookies = {name: morsel.value for name, morsel in at_work(make_lead()).cookies.items()}
        self._note_cookies(agent, "of the agent")
        for typed in (self.person.family_name, self.person.email, self.person.username):
            agent.get(f"/admin/desk/?{urlencode({'q': typed})}")
            agent.get(f"/admin/accounts/user/?{urlencode({'q': typed})}")
        desk = f"/admin/desk/people/{self.person.pk}/"
        self._send(agent, f"{desk}date_of_birth/", **self._date(self._born), note="Called from the ward.")
        ask = f"{desk}link_care_identity/"
        agent.open(ask)
        code = _first(_CALLERS_CODE, self._browser.open("/my-esr/helpdesk-code/"))
        self._secret("code for the helpdesk", code, is_guessable=True)
        wrong = self._secret(
            "wrong code for the helpdesk", f"{secrets.randbelow(900_000) + 100_000}", is_guessable=True
        )
        for each in (wrong, code):
            self._send(agent, ask, how="code", code=each, value=UID, reason="New card")
        other = make_user()
        number = self._secret("number that was called back", f"0770090{secrets.randbelow(9000) + 1000}")
        people.ask_for_recovery(self._new_browser(), other.email)
        people.mailed_link(self._rig, other.email)
        called = {"how": "call_back", "number": number, "reason": "New", "value": f"{secrets.token_hex(6)}@nhs.net"}
        self._send(agent, f"/admin/desk/people/{other.pk}/change_email/", **called)
        for path in ("/admin/desk/events/", "/admin/desk/requests/", "/admin/desk/second-agent/", desk):
            agent.open(path)

    def see_the_doctor(self) -> None:
        """Let a national administrator look at the doctor's page."""
        from tests.support.helpdesk import at_work, make_operator

        operator = self._new_browser()
        operator.cookies = {name: morsel.value for name, morsel in at_work(make_operator()).cookies.items()}
        self.doctors_page = operator.open("/admin/desk/doctor/").body

    def come_by_card(self) -> None:
        """Log in with Care Identity, and log out; where the rig has none, do nothing."""
        from tests.support.care_identity import link

        if self._rig.care_identity is None:
            return
        provider, browser = self._rig.care_identity.provider, self._new_browser()
        provider.mark = secrets.token_hex(8)
        link(self.person, UID)
        browser.post("/care-identity/log-in/", browser.open("/log-in/"))
        going = html.unescape(browser.refresh)
        asked = dict(parse_qsl(urlsplit(going).query))
        for name in ("state", "nonce"):
            self._secret(f"{name} of Care Identity", asked[name])
        back = provider.visit(going)
        self._goes_on(browser.get(f"/care-identity/callback/?{urlencode(back)}"), "/")
        for name, value in provider.handed_out.items():
            self._secret(f"{name} of Care Identity", value)
        self._secret("client secret of Care Identity", gate.CLIENT_SECRET)
        browser.open("/my-esr/")
        self._note_cookies(browser, "by card")
        people.log_out(browser)


def _code_other_than(app: PhoneApp) -> str:
    """Return six digits that are none of the app's now, and no round number, which stands everywhere."""
    near = {app.code(), app.next_code()}
    return next(code for _ in range(99) if (code := f"{secrets.randbelow(800_000) + 100_001}") not in near)


def _first(pattern: re.Pattern[bytes], page: Answer) -> str:
    found = pattern.search(page.body)
    if not found:
        msg = f"a page without {pattern.pattern!r}"
        raise Unexpected(msg)
    return found[1].decode()


def _mailed(rig: Rig, person: User, path: str) -> str:
    until = time.monotonic() + people.MAILED_WITHIN
    while time.monotonic() < until:
        for mail in reversed(rig.mail.mails):
            for link in mail.links if person.email in mail.recipients else []:
                if urlsplit(link).path.startswith(path):
                    return urlsplit(link).path
        time.sleep(0.1)
    msg = f"no mail with {path} came"
    raise Unexpected(msg)
