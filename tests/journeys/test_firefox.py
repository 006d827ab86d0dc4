"""The journeys that matter, in Firefox ESR."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.journeys import (
    doing,
    test_care_identity,
    test_shared_computer,
    test_staying_logged_in,
)
from tests.journeys.stories import test_without
from tests.journeys.stories.test_locked import choose_a_password
from tests.support import firefox, page_facts
from tests.support.browser import PHONE
from tests.support.factories import NEW_PASSWORD, PASSWORD, make_user
from tests.support.firefox import Firefox
from tests.support.firefox_keeps import KEEPS
from tests.support.helpdesk import lock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Playwright

    from tests.journeys.conftest import TypeOfPerson
    from tests.support.browser import Walker
    from tests.support.smtp import Inbox


@pytest.fixture(scope="module")
def one_browser(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firefox]:
    """Return the Firefox of this file; skip where there is none."""
    if firefox.path() is None:
        pytest.skip(firefox.MISSING)
    engine = Firefox(playwright.firefox, state=tmp_path_factory.mktemp("firefox"))
    yield engine
    engine.browser.close()


idle = test_staying_logged_in.idle
test_the_first_time_with_a_smartcard = test_care_identity.test_the_first_time_with_a_smartcard
test_nothing_is_left_after_a_time_out = (
    test_staying_logged_in.test_whoever_does_not_answer_is_logged_out_and_nothing_is_left
)
test_log_in_and_recovery_by_keyboard_alone = test_without.test_i_have_no_mouse
test_logging_out_in_one_tab_empties_the_others = test_shared_computer.test_logging_out_in_one_tab_empties_the_others


def test_a_person_who_is_locked_out_helps_themselves_and_is_in(
    somebody: TypeOfPerson, inbox: Inbox, deliver_mail: Callable[[], None]
) -> None:
    user = make_user(username="999PFEATHER01", given_name="Philippa", family_name="Featherstone")
    person = somebody(size=PHONE)
    person.open("/log-in/")
    doing.type_wrong_passwords(person, user, times=1)
    assert (person.field("Username").input_value(), person.field("Password").input_value()) == (user.username, "")
    # That ten of them lock a username, and that the page counts them, is the server's doing.
    lock(user)
    person.fill(password=PASSWORD)
    person.press(doing.LOG_IN)
    person.sees("The username or password is not right, or the username is locked")
    person.follow(doing.RECOVER)
    doing.fill_in_recovery(person, email=user.email)
    deliver_mail()
    person.open(doing.links_in(inbox, user.email)[0])
    choose_a_password(person)
    assert person.heading == "Your new password is set"
    person.press("Login to ESR")
    person.fill(username=user.username, password=NEW_PASSWORD)
    person.press(doing.LOG_IN)
    person.sees("Philippa Featherstone", user.employee_number)
    person.press("Log out")
    for _ in range(2):
        person.back()
        person.does_not_see("Philippa", user.username, user.employee_number)


def test_where_the_computer_is_said_to_be_shared_nothing_at_all_is_left(person: Walker, one_browser: Firefox) -> None:
    """Every place in which Firefox keeps something of a page, and every page that Back leads to."""
    user = make_user(username="999PFEATHER01", given_name="Philippa", family_name="Featherstone")
    doing.recover(person, email="philippa@nhs.net")
    person.open("/log-in/")
    person.fill(username=user.username, password=doing.WRONG_PASSWORD)
    person.send(doing.LOG_IN)
    person.tick("This is a shared computer")
    person.fill(username=user.username, password=PASSWORD)
    person.press(doing.LOG_IN)
    person.sees("Philippa Featherstone")
    person.press("Log out")
    person.sees("this browser remembers nothing of you")
    assert [cookie["name"] for cookie in person.page.context.cookies()] == ["__Host-csrf"]
    assert person.page.evaluate(test_shared_computer.KEPT) == [0, 0, 0, 0]

    kept = one_browser.inside(KEEPS)
    assert [f"{person.url}/my-esr/", "My ESR – ESR Portal"] in kept["visited"]
    assert (kept["sent"], kept["boxes"]) == ([], [])
    assert f"{person.url}/my-esr/" not in kept["cached"]
    told = json.dumps(kept).lower()
    of_the_person = ("philippa", "featherstone", user.username, user.employee_number)
    assert not [text for text in of_the_person if text.lower() in told]
    assert not page_facts.tells(told, "1980")

    for _ in range(person.page.evaluate("history.length") - 1):
        person.page.go_back(wait_until="load")
        page = person.page.content()
        assert not [text for text in of_the_person if text in page]
        assert not page_facts.tells(page, "1980")
        assert set(person.page.evaluate(test_shared_computer.TYPED)) <= {""}


def test_back_finds_empty_boxes_with_scripts_and_without(somebody: TypeOfPerson) -> None:
    """Threat: the next person presses Back, and the browser puts in what was typed before."""
    for javascript in (True, False):
        person = somebody(javascript=javascript)
        person.open("/recovery/")
        doing.fill_in_recovery(person, email="philippa@nhs.net")
        person.back()
        assert person.heading.startswith("Get back into ESR")
        assert set(person.page.evaluate(test_shared_computer.TYPED)) <= {""}


def test_a_page_is_asked_for_again_on_back(person: Walker) -> None:
    """A page that the browser had kept whole would still have what its scripts know, and what was typed in it."""
    person.open("/recovery/")
    person.fill(email_address="philippa@nhs.net", day="23")
    person.page.evaluate("window.kept = true")
    person.open("/help/")
    person.back()
    assert not person.page.evaluate("window.kept ?? false")
    assert person.field("Email address").input_value() == ""
    # What the portal does where a browser has kept it, or a later Firefox does.
    person.fill(email_address="philippa@nhs.net", day="23")
    with person.page.expect_navigation():
        person.page.evaluate("window.dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    expect(person.field("Email address")).to_have_value("")
