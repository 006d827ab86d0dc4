"""Two minutes before a session ends the person is asked whether they are still there (WCAG 2.2.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from accounts import session_limits
from accounts.models.session import Session
from accounts.services import sessions
from tests.journeys import doing
from tests.support.factories import make_user

if TYPE_CHECKING:
    from tests.support.browser import Walker
    from tests.support.travel import Travel

IDLE = int(session_limits.PEOPLE.idle.total_seconds())
UNTIL_WARNING = IDLE - int((sessions.WARNING + sessions.NOTED_EVERY).total_seconds())
TO_ANSWER = int(sessions.WARNING.total_seconds())


@pytest.fixture
def idle(person: Walker, travel: Travel) -> Walker:
    """Return a person who has just logged in and whose browser's clock can be moved."""
    person.page.clock.install()
    # What Back finds before My ESR.
    doing.come_to(person, "/log-in/")
    doing.come_in(person, make_user())
    return person


def wait(person: Walker, travel: Travel, seconds: int) -> None:
    """Let time pass, in the browser and on the server."""
    travel(seconds=seconds)
    person.page.clock.fast_forward(seconds * 1000)


def dialog_is_open(person: Walker) -> bool:
    return person.page.get_by_role("dialog", name="Are you still there?").is_visible()


def test_whoever_answers_by_keyboard_stays_logged_in(idle: Walker, travel: Travel) -> None:
    wait(idle, travel, UNTIL_WARNING - 5)
    assert not dialog_is_open(idle)
    wait(idle, travel, 6)
    expect(idle.page.get_by_role("dialog", name="Are you still there?")).to_be_visible()
    expect(idle.button("Stay logged in")).to_be_focused()
    idle.look("the warning")
    idle.page.keyboard.press("Enter")
    expect(idle.page.get_by_role("dialog")).to_be_hidden()
    idle.look("after the warning")
    wait(idle, travel, UNTIL_WARNING - 5)
    idle.open("/my-esr/")
    assert idle.path == "/my-esr/"


def test_focus_stays_in_the_warning_and_escape_means_staying_and_gives_it_back(idle: Walker, travel: Travel) -> None:
    link = idle.page.get_by_role("button", name="Change password")
    link.focus()
    wait(idle, travel, UNTIL_WARNING + 1)
    expect(idle.button("Stay logged in")).to_be_focused()
    for _ in range(5):
        idle.page.keyboard.press("Tab")
        assert idle.page.evaluate(
            "() => document.activeElement === document.body || !!document.activeElement.closest('dialog')"
        )
    # The answer goes to the server before its clock is moved on.
    with idle.page.expect_response("**/session/keep/"):
        idle.page.keyboard.press("Escape")
    expect(idle.page.get_by_role("dialog")).to_be_hidden()
    expect(link).to_be_focused()
    wait(idle, travel, 5 * 60)
    idle.open("/my-esr/")
    assert idle.path == "/my-esr/"


def test_whoever_does_not_answer_is_logged_out_and_nothing_is_left(idle: Walker, travel: Travel) -> None:
    wait(idle, travel, UNTIL_WARNING + 1)
    expect(idle.page.get_by_role("dialog")).to_be_visible()
    wait(idle, travel, TO_ANSWER)
    idle.page.wait_for_url("**/log-in/**")
    idle.look("logged out")
    assert idle.field("Username").input_value().startswith("999JSMITH")
    assert idle.page.url.endswith("/log-in/?ended&next=%2Fmy-esr%2F")
    assert not Session.objects.filter(user_id__isnull=False).exists()
    idle.back()
    idle.does_not_see("Smith")


def test_the_warning_offers_to_log_out(idle: Walker, travel: Travel) -> None:
    wait(idle, travel, UNTIL_WARNING + 1)
    with idle.page.expect_navigation():
        idle.page.get_by_role("dialog").get_by_role("button", name="Log out").click()
    idle.look("logged out from the warning")
    assert idle.heading == "You are logged out"


def test_being_busy_in_one_tab_keeps_the_other_quiet(idle: Walker, travel: Travel) -> None:
    wait(idle, travel, UNTIL_WARNING - 60)
    other = idle.page.context.new_page()
    other.goto(f"{idle.url}/my-esr/")
    expect(other.locator("h1")).to_be_visible()
    wait(idle, travel, 90)
    assert not dialog_is_open(idle)


def test_what_was_typed_stays_where_the_server_has_no_time_to_answer(idle: Walker, travel: Travel) -> None:
    idle.open("/change-password/")
    idle.page.get_by_label("Current password", exact=True).fill("half typed")
    wait(idle, travel, UNTIL_WARNING + 1)
    idle.page.route("**/session/keep/", lambda route: route.fulfill(status=503, body="away"))
    idle.button("Stay logged in").click()
    warning = idle.page.get_by_role("dialog")
    expect(warning).to_contain_text("We could not reach ESR")
    idle.page.unroute("**/session/keep/")
    idle.button("Stay logged in").click()
    expect(warning).to_be_hidden()
    assert idle.path == "/change-password/"
    assert idle.page.get_by_label("Current password", exact=True).input_value() == "half typed"


def test_where_the_script_does_not_come_the_page_says_after_how_long_it_ends(person: Walker) -> None:
    doing.come_in(person, make_user())
    sentence = person.page.get_by_text("You are logged out after 15 minutes without use.")
    expect(sentence).to_be_hidden()
    person.page.route("**/session-warning*.js", lambda route: route.abort("aborted"))
    person.page.reload()
    expect(sentence).to_be_visible()
    person.look("without the script")


# What a browser does not have: the script begins without it.
WITHOUT_KNOWING_THE_BUTTON = "delete SubmitEvent.prototype.submitter"
WITHOUT_WORD_OF_OTHER_TABS = "delete window.BroadcastChannel"
WITHOUT_DIALOGS = "['open', 'show', 'showModal', 'close'].forEach((each) => delete HTMLDialogElement.prototype[each])"


def test_a_tab_that_hears_nothing_of_the_others_ends_no_session_that_they_use(person: Walker, travel: Travel) -> None:
    person.page.add_init_script(WITHOUT_WORD_OF_OTHER_TABS)
    person.page.clock.install()
    doing.come_in(person, make_user())
    wait(person, travel, UNTIL_WARNING - 60)
    other = person.page.context.new_page()
    other.goto(f"{person.url}/my-esr/")
    wait(person, travel, 61)
    assert dialog_is_open(person)
    with person.page.expect_response("**/log-out/"):
        wait(person, travel, TO_ANSWER)
    expect(person.page.get_by_role("dialog")).to_be_hidden()
    assert person.path == "/my-esr/"
    other.goto(f"{person.url}/my-esr/")
    assert other.url == f"{person.url}/my-esr/"


def test_a_browser_that_does_not_say_which_button_was_pressed_logs_out_too(person: Walker, travel: Travel) -> None:
    person.page.add_init_script(WITHOUT_KNOWING_THE_BUTTON)
    person.page.clock.install()
    doing.come_in(person, make_user())
    wait(person, travel, UNTIL_WARNING + 1)
    person.button("Stay logged in").click()
    expect(person.page.get_by_role("dialog")).to_be_hidden()
    wait(person, travel, UNTIL_WARNING + 1)
    with person.page.expect_navigation():
        person.page.get_by_role("dialog").get_by_role("button", name="Log out").click()
    assert person.heading == "You are logged out"


def test_in_a_browser_without_dialogs_the_warning_takes_the_focus_once_and_goes_away(
    person: Walker, travel: Travel
) -> None:
    person.page.add_init_script(WITHOUT_DIALOGS)
    person.page.clock.install()
    doing.come_in(person, make_user())
    wait(person, travel, UNTIL_WARNING + 1)
    warning = person.page.locator("#session-warning")
    expect(warning).to_have_attribute("open", "")
    expect(person.button("Stay logged in")).to_be_focused()
    person.page.keyboard.press("Tab")
    wait(person, travel, 2)
    expect(warning.get_by_role("button", name="Log out")).to_be_focused()
    with person.page.expect_response("**/session/keep/"):
        person.button("Stay logged in").click()
    expect(warning).not_to_have_attribute("open", "")
