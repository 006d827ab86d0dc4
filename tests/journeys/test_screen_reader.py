"""Each journey as a screen reader announces it: what is heard, in its order.

A program reads (tests/support/screen_reader.py says what it can tell). That a page's markup is right for other reasons
too is what the other journeys and axe check.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.journeys import doing
from tests.support.factories import NEW_PASSWORD, make_user
from tests.support.screen_reader import headings

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.browser import Walker
    from tests.support.screen_reader import ScreenReader
    from tests.support.smtp import Inbox

EXAMPLE = "For example, 999JSMITH01"
PROBLEM = ["alert", "heading, There is a problem, level 2"]
RULES = (
    "have at least 12 characters",
    "not be a common or leaked password, such as “password1”, also with things added",
    "not be made of your name, your username or your organisation",
    "not be one of your last 4 ESR passwords, or your current one with a small change",
)
TOO_SHORT = "Use at least 12 characters. Three random words do well."
COMMON = "This is a common password. Use three random words instead."


def wrong_passwords(person: Walker, username: str, *, times: int) -> None:
    """Send wrong passwords from this browser, and look at what the last one brings."""
    person.fill(username=username, password=doing.WRONG_PASSWORD)
    send = """async (times) => {
      const body = () => new URLSearchParams(new FormData(document.querySelector("form.portal-log-in")));
      for (; times > 0; times -= 1) await fetch("/log-in/", {method: "POST", body: body()});
    }"""
    person.page.evaluate(send, times - 1)
    person.send(doing.LOG_IN)


def test_logging_in_says_what_is_wrong_where_and_until_when(person: Walker, reader: ScreenReader) -> None:
    doing.come_to(person, "/log-in/")
    person.send(doing.LOG_IN)
    assert person.page.title().startswith("Error: ")
    links = ["link, Enter your username", "link, Enter your password"]
    assert reader.read_what_has_the_focus() == [*PROBLEM, *links]
    # Each link leads to its box, which says label, hint and error in this order.
    assert reader.press("Tab") == links[:1]
    assert reader.press("Enter") == [f"textbox, Username, {EXAMPLE} Error: Enter your username, invalid"]
    person.page.get_by_role("link", name="Enter your password").focus()
    assert reader.press("Enter") == ["Password, Error: Enter your password"]

    user = make_user()
    wrong = "link, The username or password is not right, or the username is locked"
    wrong_passwords(person, user.username, times=1)
    assert reader.read_what_has_the_focus() == [*PROBLEM, wrong]
    heard = reader.read_on()
    assert heard[:3] == [
        "heading, Login to ESR, level 1",
        "Information:",
        "Check your username and password, then try again.",
    ]
    assert f"textbox, Username, {user.username}, {EXAMPLE}" in heard

    wrong_passwords(person, user.username, times=5)
    heard = reader.read_on()
    said = heard.index("4 tries left")
    assert heard[said - 1 : said + 2] == [
        "You have",
        "4 tries left",
        "in this browser. Then this username is locked for 15 minutes.",
    ]
    wrong_passwords(person, user.username, times=4)
    assert reader.read_what_has_the_focus() == [*PROBLEM, wrong]
    heard = reader.read_on()
    main, locked, no_wait, *_ = headings(heard)
    assert main == "Login to ESR, level 1"
    assert locked.startswith("Important: Locked until ")
    assert no_wait == "You do not have to wait, level 2"
    assert heard.index("button, Get back in by email") < heard.index("Username")


def test_recovery_says_what_is_wrong_what_was_meant_and_where_the_answer_comes(
    person: Walker, reader: ScreenReader
) -> None:
    person.page.clock.install()
    doing.come_to(person, "/recovery/")
    person.send("Submit")
    links = ["link, Enter your email address", "link, Enter your date of birth"]
    assert reader.read_what_has_the_focus() == [*PROBLEM, *links]
    reader.press("Tab")
    (email,) = reader.press("Enter")
    assert email.startswith("textbox, Email address, Staff, students and contractors: the NHS.net address")
    assert email.endswith("to communicate with you. Error: Enter your email address, invalid")
    heard = reader.read_on()
    date = heard.index("group, Date of Birth, For example, 15 3 1984 Error: Enter your date of birth")
    boxes = [said for said in heard[date:] if said.startswith("textbox")]
    assert boxes == ["textbox, Day, invalid", "textbox, Month, invalid", "textbox, Year, invalid"]

    person.fill(email_address="jo@nhs.ent", day="31", month="2", year="1980")
    person.send("Submit")
    asked = "Did you mean jo@nhs.net? Select which email address is right"
    assert reader.read_what_has_the_focus() == [*PROBLEM, f"link, {asked}", "link, There is no 31 February 1980"]
    heard = reader.read_on()
    which = heard.index(f"group, Which email address is right?, Error: {asked}")
    assert [said for said in heard[which:] if said.startswith(("radio", "group"))] == [
        f"group, Which email address is right?, Error: {asked}",
        "radio, jo@nhs.net, not checked, position 1, set size 2",
        "radio, jo@nhs.ent, as it was typed, not checked, position 2, set size 2",
        "group, Date of Birth, For example, 15 3 1984 Error: There is no 31 February 1980",
    ]

    person.tick("jo@nhs.net")
    person.fill(day="23", month="4", year="1980")
    person.send("Submit")
    assert person.page.title() == "Check your email – ESR Portal"
    heard = reader.read_on()
    first = heard.index("heading, Check your email, level 1")
    assert heard[first + 1 : first + 3] == ["If", "jo@nhs.net"]
    # It counts down, in sight alone: what has the focus and changes its name is read out again by some.
    again = "button, Send again, yes, disabled"
    person.page.get_by_role("button", name="Send again").focus()
    assert reader.heard() == [again]
    person.page.clock.fast_forward(3000)
    assert reader.leave_and_come_back() == [again]
    (waiting,) = reader.press("Enter")
    assert re.fullmatch(r"polite: You can send it again in \d+ seconds\.", waiting)
    person.page.clock.fast_forward(60_000)
    assert reader.hears("now") == ["polite: You can send it again now."]
    assert reader.leave_and_come_back() == ["button, Send again, yes"]


def test_a_new_password_hears_its_rules_and_which_are_broken_once(
    person: Walker, reader: ScreenReader, inbox: Inbox, deliver_mail: Callable[[], None]
) -> None:
    user = make_user()
    doing.recover(person, email=user.email)
    deliver_mail()
    person.page.clock.install()
    doing.come_to(person, doing.links_in(inbox, user.email)[0])
    rules = f"New password, Your new password must: {' '.join(RULES)}"
    person.field("New password").focus()
    assert reader.heard() == [rules]

    # Nothing at a key; after a pause what is wrong, and again only where it is something new.
    def type_and_wait(text: str) -> None:
        with person.page.expect_response("**/password-check/"):
            person.page.keyboard.type(text)
            assert reader.heard() == []
            person.page.clock.fast_forward(600)
        person.page.clock.fast_forward(2000)

    person.page.clock.pause_at("2099-01-01")
    type_and_wait("password1")
    assert reader.hears("Not good enough") == [f"polite: Not good enough yet. {TOO_SHORT} {COMMON}"]
    type_and_wait("2")
    type_and_wait(" lantern orchard")
    assert reader.hears("follows") == ["polite: This password follows the rules that can be checked while you type."]
    # What describes the box stays as it is meanwhile: some read all of it out again each time that it changes.
    expect(person.page.locator("[data-rule][data-state=kept]")).to_have_count(3)
    described = person.page.locator("#password-rules-title + ul li").all_text_contents()
    assert described == list(RULES)
    assert reader.press("Tab") == ["button, Show password, 1 control"]
    assert reader.press("Space") == ["polite: Your password is visible"]
    assert reader.leave_and_come_back() == ["button, Hide password, 1 control"]
    assert reader.press("Space") == ["polite: Your password is hidden"]
    (box,) = reader.press("Shift+Tab")
    assert f"Done: {RULES[0]} Done: {RULES[1]} Done: {RULES[2]} {RULES[3]}" in box

    person.fill(new_password="password1")
    person.send("Set password")
    assert reader.read_what_has_the_focus() == [*PROBLEM, f"link, {TOO_SHORT}", f"link, {COMMON}"]
    reader.press("Tab")
    (box,) = reader.press("Enter")
    assert box.startswith(f"{rules} Error: ")
    assert [box.count(message) for message in (TOO_SHORT, COMMON)] == [1, 1]

    person.fill(new_password=NEW_PASSWORD)
    person.send("Set password")
    assert person.page.title() == "Your new password is set – ESR Portal"
    heard = reader.read_on()
    done = heard.index("heading, Your new password is set, level 1")
    assert heard[done + 1 : done + 3] == ["Your username is", user.username]
