"""The journeys that matter, in WebKitGTK, whose engine is Safari's."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.journeys import doing
from tests.support import webkit
from tests.support.factories import DATE_OF_BIRTH, NEW_PASSWORD, PASSWORD, make_user

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_django import Settings

    from accounts.models import User
    from tests.support.live import LivePortal
    from tests.support.smtp import Inbox
    from tests.support.webkit import Person, WebKit


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebKit]:
    """Return the WebKitGTK of this file; skip where there is none."""
    if webkit.programs() is None:
        pytest.skip(webkit.MISSING)
    with webkit.running(state=tmp_path_factory.mktemp("webkit")) as running:
        yield running


@pytest.fixture
def person(browser: WebKit, portal: LivePortal, settings: Settings) -> Person:
    """Return a person to whom mails link by the one name of this machine that WebKitGTK knows."""
    settings.BASE_URL = portal.inner_url
    return browser.person(portal.inner_url)


@pytest.fixture
def philippa(portal: LivePortal) -> User:
    """Return a person who can log in, whose name is on no other page."""
    return make_user(username="999PFEATHER01", given_name="Philippa", family_name="Featherstone")


def test_after_a_wrong_password_and_a_log_out_back_shows_nothing(person: Person, philippa: User) -> None:
    person.open("/")
    person.follow("Login to ESR")
    person.fill(username=philippa.username, password=doing.WRONG_PASSWORD)
    person.press(doing.LOG_IN)
    assert person.asks("document.activeElement.matches('.nhsuk-error-summary')")
    assert person.typed("Password") == ""
    person.fill(password=PASSWORD)
    person.press(doing.LOG_IN)
    assert person.path == "/my-esr/"
    person.sees("Philippa Featherstone", philippa.employee_number)
    person.press("Log out")
    assert person.heading == "You are logged out"
    for _ in range(3):
        person.back()
        person.finds_nothing_of("Philippa", philippa.username, philippa.employee_number)
    person.open("/my-esr/")
    assert person.heading == "Login to ESR"


def test_a_forgotten_password_is_replaced_and_back_finds_empty_boxes(
    person: Person, philippa: User, inbox: Inbox, deliver_mail: Callable[[], None]
) -> None:
    person.open("/log-in/")
    person.fill(username=philippa.username)
    person.follow(doing.RECOVER)
    day, month, year = (str(part) for part in (DATE_OF_BIRTH.day, DATE_OF_BIRTH.month, DATE_OF_BIRTH.year))
    person.fill(email_address=philippa.email, day=day, month=month, year=year)
    person.press("Submit")
    assert person.heading == "Check your email"
    person.back()
    assert [person.typed(label) for label in ("Email address", "Day", "Month", "Year")] == ["", "", "", ""]
    person.back()
    assert person.typed("Username") == ""

    deliver_mail()
    (link,) = doing.links_in(inbox, philippa.email)
    person.open(link)
    assert person.heading == "Set a new password"
    person.fill(new_password="password1")
    person.waits(lambda: person.asks("document.querySelectorAll('[data-rule][data-state=broken]').length > 1"))
    person.fill(new_password=NEW_PASSWORD)
    person.waits(lambda: person.asks("document.querySelectorAll('[data-rule][data-state=kept]').length == 3"))
    person.press("Set password")
    assert person.heading == "Your new password is set"
    person.press("Login to ESR")
    assert person.typed("Username") == philippa.username
    person.fill(password=NEW_PASSWORD)
    person.press(doing.LOG_IN)
    assert person.path == "/my-esr/"


def test_logging_out_in_one_tab_empties_the_others(person: Person, philippa: User) -> None:
    person.open("/log-in/")
    person.fill(username=philippa.username, password=PASSWORD)
    person.press(doing.LOG_IN)
    other, third = person.new_tab(), person.new_tab()
    other.open("/my-esr/")
    third.open("/change-password/")
    person.press("Log out")
    for tab in (other, third):
        tab.waits(partial(_shows_the_log_out, tab), seconds=1)
        tab.finds_nothing_of("Philippa", philippa.username, philippa.employee_number)


def _shows_the_log_out(tab: Person) -> bool:
    return bool(tab.asks("document.querySelector('h1')?.textContent.trim() === 'You are logged out'"))
