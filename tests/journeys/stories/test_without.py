"""A browser without scripts, and a person without a mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.journeys import doing
from tests.journeys.doing import LOG_IN, RECOVER
from tests.support.browser import DESKTOP, PHONE
from tests.support.factories import DATE_OF_BIRTH, NEW_PASSWORD, make_user
from tests.support.keyboard import Keyboard
from tests.support.stories import aside, story

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.journeys.conftest import TypeOfPerson
    from tests.support.smtp import Inbox

    Deliver = Callable[[], None]


def test_my_browser_runs_no_scripts(somebody: TypeOfPerson, inbox: Inbox, deliver_mail: Deliver) -> None:
    """The whole guide."""
    person, user = somebody(javascript=False, size=PHONE), make_user()
    doing.come_to_log_in(person)
    doing.get_locked_out(person, user)
    with story("My browser runs no scripts", person, ends="alone", presses=6, fields=6):
        person.follow(RECOVER)
        with aside(person):
            doing.make_mistakes_in_the_recovery_form(person)
        doing.fill_in_recovery(person, email=user.email)
        deliver_mail()
        (link,) = doing.links_in(inbox, user.email)
        person.open(link)
        with aside(person):
            person.fill(new_password="password1")
            person.press("Set password")
            person.sees("Use at least 12 characters", "common password")
        person.fill(new_password=NEW_PASSWORD)
        person.press("Set password")
        doing.log_in_with_the_new_password(person)
    person.press("Change password")
    person.fill(current_password=NEW_PASSWORD, new_password="harbour velvet biscuit")
    person.press("Change password")
    person.sees("Your password was changed")
    person.press("Log out")
    assert person.heading == "You are logged out"
    person.open("/help/")
    person.fill(name_of_your_organisation="Northern")
    person.press("Search")
    person.sees("1 organisation found for “Northern”")


def test_i_have_no_mouse(somebody: TypeOfPerson, inbox: Inbox, deliver_mail: Deliver) -> None:
    person = somebody(size=DESKTOP)
    keyboard, user = Keyboard(person), make_user()
    with story("I have no mouse", person, ends="alone", presses=10, fields=9):
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
        assert keyboard.place == person.called("Username")

        keyboard.activate(RECOVER)
        keyboard.type_into("Email address", user.email)
        for box, text in (("Day", DATE_OF_BIRTH.day), ("Month", DATE_OF_BIRTH.month), ("Year", DATE_OF_BIRTH.year)):
            keyboard.type_into(box, str(text))
        keyboard.activate("Submit", key="Space")
        assert person.heading == "Check your email"

        deliver_mail()
        person.open(doing.links_in(inbox, user.email)[0])
        keyboard.type_into("New password", NEW_PASSWORD)
        with aside(person):
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
