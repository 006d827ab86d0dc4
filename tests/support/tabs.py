"""Several tabs of one browser, each with a page open, and what people begin in them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from bs4 import BeautifulSoup

from accounts.models import SecurityEvent, User
from tests.support.authenticator import PhoneApp
from tests.support.care_identity import link, log_in_by_care_identity, smartcard, trust
from tests.support.factories import NEW_PASSWORD, PASSWORD, make_user
from tests.support.links import open_link
from tests.support.steps import PortalClient

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer


class Tab:
    """A tab: the page that it shows until another is opened in it, and the form there."""

    def __init__(self, browser: PortalClient) -> None:
        self.browser = browser
        self.path = ""
        self._shown = b""
        self._read: BeautifulSoup | None = None

    @property
    def page(self) -> BeautifulSoup:
        """What it shows, read once."""
        if self._read is None:
            self._read = BeautifulSoup(self._shown, "html.parser")
        return self._read

    def open(self, path: str) -> Answer:
        """Open an address and go where it leads; return the answer there."""
        answer = self.browser.get(path)
        while answer.status_code == 302:
            path = answer["Location"]
            answer = self.browser.get(path)
        self._show(path, answer)
        return answer

    def fields(self) -> dict[str, str]:
        """Return the hidden fields of the page's form."""
        form = self.page.select_one("main form:has([name=about])")
        return {str(field["name"]): str(field["value"]) for field in form.select("[type=hidden]")} if form else {}

    def send(self, typed: Mapping[str, str]) -> Answer:
        """Fill in the page's form and send it; return the answer. The tab still shows the page, as after Back."""
        return self.browser.post(self.path, {**self.fields(), **typed})

    def _show(self, path: str, answer: Answer) -> None:
        self.path, self._shown, self._read = path, answer.content, None


@dataclasses.dataclass(frozen=True, slots=True)
class Journey:
    """Something that a person begins in a tab and finishes by a form.

    `begin` makes a person ready for it and opens its page; `typed` is what they type there.
    """

    name: str
    begin: Callable[[Tab], User]
    typed: Callable[[Tab, User], dict[str, str]]


def _recovery(tab: Tab) -> User:
    user = make_user()
    tab.open(open_link(tab.browser, user))
    return user


def _must_change(tab: Tab) -> User:
    return _by_password(tab, make_user(must_change_password=True))


def _second_step(tab: Tab) -> User:
    user = make_user(is_staff=True)
    PhoneApp.of(user)
    return _by_password(tab, user)


def _enrol(tab: Tab) -> User:
    user = _by_password(tab, make_user(is_staff=True))
    tab.open("/second-step/set-up/app/")
    return user


def _change(tab: Tab) -> User:
    user = _by_password(tab, make_user())
    tab.open("/change-password/")
    return user


def _grant(tab: Tab) -> User:
    return _at(tab, "/internet-access/", make_user())


def _withdraw(tab: Tab) -> User:
    return _at(tab, "/internet-access/withdraw/", make_user(internet_access_since="2026-01-01T00:00Z"))


def _by_password(tab: Tab, user: User) -> User:
    answer = tab.browser.post("/log-in/", {"username": user.username, "password": PASSWORD})
    tab.open(answer["Location"])
    return user


def _at(tab: Tab, path: str, user: User) -> User:
    """Log in with a smartcard at work, which is what Manage Internet Access asks for, and open a page."""
    trust(user.organisation)
    uid = f"5550{user.pk:08}"
    log_in_by_care_identity(tab.browser, link(user, uid), smartcard(uid=uid))
    tab.open(path)
    return user


def _new_password(tab: Tab, user: User) -> dict[str, str]:
    return {"new_password": NEW_PASSWORD}


def _both_passwords(tab: Tab, user: User) -> dict[str, str]:
    return {"current_password": PASSWORD, "new_password": NEW_PASSWORD}


def _yes_and_new_password(tab: Tab, user: User) -> dict[str, str]:
    return {"is_their_email": "yes", "new_password": NEW_PASSWORD}


def _nothing(tab: Tab, user: User) -> dict[str, str]:
    return {}


def _code(tab: Tab, user: User) -> dict[str, str]:
    return {"code": PhoneApp.of(user).code()}


def _code_of_shown_secret(tab: Tab, user: User) -> dict[str, str]:
    secret = tab.page.select_one(".portal-secret")
    assert secret is not None
    return {"code": PhoneApp.typed(secret.get_text()).code()}


JOURNEYS = [
    Journey("recovery", _recovery, _new_password),
    Journey("must change", _must_change, _new_password),
    Journey("second step", _second_step, _code),
    Journey("set-up", _enrol, _code_of_shown_secret),
    Journey("change", _change, _both_passwords),
    Journey("grant", _grant, _yes_and_new_password),
    Journey("withdraw", _withdraw, _nothing),
]
BY_NAME = {journey.name: journey for journey in JOURNEYS}


def happened_to(user: User) -> list[str]:
    """Return the security events of a person, in their order."""
    return list(SecurityEvent.objects.filter(user=user).order_by("pk").values_list("event", flat=True))
