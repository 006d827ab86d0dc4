"""Several people at the same PC, in turn: none finds anything of the person before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.journeys import doing
from tests.support.factories import PASSWORD, make_user
from tests.support.links import link_path

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.journeys.conftest import TypeOfPerson
    from tests.support.browser import Walker
    from tests.support.smtp import Inbox


USERNAME = "999PFEATHER01"
# How much each store of the browser's holds, and what stands in the boxes of a page.
KEPT = """async () => [localStorage.length, sessionStorage.length, (await indexedDB.databases()).length,
  (await caches.keys()).length]"""
TYPED = (
    """() => [...document.querySelectorAll("input:not([type=hidden]):not([type=checkbox])")].map((box) => box.value)"""
)


def test_back_after_log_out_shows_nothing(person: Walker) -> None:
    user = make_user(username=USERNAME, given_name="Philippa", family_name="Featherstone")
    doing.log_in_here(person, user)
    person.sees("Philippa Featherstone")
    person.press("Log out")
    for _ in range(2):
        person.back()
        person.does_not_see("Philippa", user.username, user.employee_number)
    person.open("/my-esr/")
    assert person.heading == "Login to ESR"
    assert person.field("Username").input_value() == ""


def test_where_the_computer_is_said_to_be_shared_nothing_at_all_is_left(person: Walker) -> None:
    """Every place in which Chromium keeps something of a page, and every page that Back leads to."""
    user = make_user(username=USERNAME, given_name="Philippa", family_name="Featherstone")
    person.open("/log-in/")
    person.fill(username=user.username, password=doing.WRONG_PASSWORD)
    person.press(doing.LOG_IN)
    person.tick("Remember my username on this device", "This is a shared computer")
    person.fill(username=user.username, password=PASSWORD)
    person.press(doing.LOG_IN)
    person.press("Change password")
    person.press("Log out")
    person.sees("this browser remembers nothing of you")
    # The one that shows that a form is the portal's own: it is any browser's, and is new after each log-in.
    assert [cookie["name"] for cookie in person.page.context.cookies()] == ["__Host-csrf"]
    assert person.page.evaluate(KEPT) == [0, 0, 0, 0]
    visited = person.page.evaluate("history.length") - 1
    assert visited > 3
    for _ in range(visited):
        person.page.go_back(wait_until="load")
        person.does_not_see("Philippa", user.username, user.employee_number)
        assert user.username not in person.page.content()
        assert set(person.page.evaluate(TYPED)) <= {""}


def test_no_form_that_was_sent_can_be_sent_again_from_the_history(person: Walker) -> None:
    """Threat: the next person goes back to the answer to a wrong try and says yes, and reads whose it was."""
    user = make_user(username=USERNAME)
    person.open("/log-in/")
    person.fill(username=user.username, password=doing.WRONG_PASSWORD)
    person.press(doing.LOG_IN)
    doing.log_in_here(person, user)
    person.press("Log out")
    for _ in range(person.page.evaluate("history.length") - 1):
        # Raises where Chromium asks first.
        person.page.go_back(wait_until="load")
        assert user.username not in person.page.content()
        assert set(person.page.evaluate(TYPED)) <= {""}


def test_logging_out_in_one_tab_empties_the_others(person: Walker) -> None:
    user = make_user(username=USERNAME, given_name="Philippa", family_name="Featherstone")
    doing.come_in(person, user)
    other, third = person.new_tab(), person.new_tab()
    other.open("/my-esr/")
    third.open("/change-password/")
    person.press("Log out")
    for tab in (other, third):
        expect(tab.page.locator("h1")).to_have_text("You are logged out", timeout=1000)
        tab.look("logged out in another tab")
        tab.does_not_see("Philippa", user.username, user.employee_number)


def test_back_finds_empty_boxes_with_scripts_and_without(somebody: TypeOfPerson) -> None:
    """Threat: the next person presses Back, and the browser puts in what was typed before."""
    for person in (somebody(), somebody(javascript=False)):
        doing.recover(person, email="philippa@nhs.net")
        person.back()
        boxes = [person.field(label) for label in ("Email address", "Day", "Month", "Year")]
        assert [box.input_value() for box in boxes] == ["", "", "", ""]
        person.open("/log-in/")
        person.fill(username="999PFEATHER01")
        person.follow(doing.RECOVER)
        person.back()
        assert person.field("Username").input_value() == ""

    # What a browser does that has kept the whole page in memory, as Chromium is told not to for these tests.
    person = somebody()
    person.open("/recovery/")
    person.fill(email_address="philippa@nhs.net", day="23")
    with person.page.expect_navigation():
        person.page.evaluate("window.dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    assert person.field("Email address").input_value() == ""


def test_an_opened_link_is_not_left_for_the_next_person(
    person: Walker, inbox: Inbox, deliver_mail: Callable[[], None]
) -> None:
    user = make_user()
    doing.recover(person, email=user.email)
    deliver_mail()
    person.open(doing.links_in(inbox, user.email)[0])
    person.sees(user.username)
    # They walk away; the next person asks for a way in of their own.
    person.open("/recovery/")
    person.open("/recovery/new-password/", status=410)
    person.does_not_see(user.username)


def test_a_link_opened_where_another_person_is_logged_in_asks_first(person: Walker) -> None:
    first, second = make_user(), make_user()
    doing.come_in(person, first)
    person.open(link_path(second))
    assert person.heading == "Log out to set a new password?"
    person.sees(first.username, second.username)
    person.follow("Stay logged in and go to My ESR")
    person.back()
    person.press("Log out and set a new password")
    person.sees(second.username)
    person.does_not_see(first.username)
    assert person.heading == "Set a new password"


def test_a_tab_that_is_told_twice_of_a_log_out_leaves_once(person: Walker) -> None:
    """Each tab that comes to the page after a log-out tells the others, some of which are on their way there."""
    doing.come_in(person, make_user(username=USERNAME))
    other = person.new_tab()
    other.open("/my-esr/")
    asked: list[str] = []
    other.page.on("request", lambda request: asked.append(request.url))
    person.page.evaluate(
        """() => {
            const tabs = new BroadcastChannel("esr-session");
            tabs.postMessage("logged_out");
            setTimeout(() => tabs.postMessage("logged_out"), 3);
        }"""
    )
    other.page.wait_for_url("**/log-out/")
    other.page.wait_for_load_state("load")
    assert sum(url.endswith("/log-out/") for url in asked) == 1
