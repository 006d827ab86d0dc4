"""Everything can be done without a mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.factories import DATE_OF_BIRTH, NEW_PASSWORD, make_user
from tests.journeys import doing
from tests.journeys.doing import LOG_IN, RECOVER
from tests.keyboard import Keyboard

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.browser import Walker
    from tests.smtp import Inbox


def test_log_in_and_recovery_by_keyboard_alone(person: Walker, inbox: Inbox, deliver_mail: Callable[[], None]) -> None:
    keyboard, user = Keyboard(person), make_user()
    person.open("/")
    keyboard.activate("Login to ESR")

    # Wrong: the summary has the focus, its link leads to the box.
    keyboard.type_into("Username", user.username)
    keyboard.type_into("Password", doing.WRONG_PASSWORD)
    with person.page.expect_navigation():
        keyboard.press("Enter")
    person.look("a wrong password")
    keyboard.tab_to("The username or password is not right, or the username is locked")
    keyboard.press("Enter")
    assert keyboard.place == "Username"

    keyboard.activate(RECOVER)
    keyboard.type_into("Email address", user.email)
    for box, text in (("Day", DATE_OF_BIRTH.day), ("Month", DATE_OF_BIRTH.month), ("Year", DATE_OF_BIRTH.year)):
        keyboard.type_into(box, str(text))
    keyboard.activate("Submit", key="Space")
    assert person.heading == "Check your email"

    deliver_mail()
    person.open(doing.links_in(inbox, user.email)[0])
    keyboard.type_into("New password", NEW_PASSWORD)
    keyboard.tab_to("Show password")
    keyboard.press("Space")
    assert person.field("New password").get_attribute("type") == "text"
    keyboard.activate("Set password")
    keyboard.activate("Login to ESR")
    assert person.heading == "Login to ESR"
    keyboard.type_into("Username", user.username)
    keyboard.type_into("Password", NEW_PASSWORD)
    keyboard.activate(LOG_IN)
    assert person.path == "/my-esr/"
    keyboard.activate("Log out", key="Space")
    assert person.heading == "You are logged out"


def test_the_first_tab_skips_to_the_content(person: Walker) -> None:
    keyboard = Keyboard(person)
    for path in ("/", "/log-in/", "/recovery/", "/help/"):
        person.open(path)
        keyboard.press("Tab")
        assert keyboard.place == "Skip to main content"
        keyboard.press("Enter")
        assert person.page.evaluate("() => document.activeElement.id") == "maincontent"
