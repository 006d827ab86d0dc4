"""A password that has to be changed, a page that was left open, a time-out, and a colleague at the same computer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.journeys import doing
from tests.journeys.doing import LOG_IN
from tests.journeys.test_staying_logged_in import TO_ANSWER, UNTIL_WARNING, wait
from tests.support.browser import DESKTOP
from tests.support.factories import NEW_PASSWORD, PASSWORD, make_user
from tests.support.stories import aside, story
from tests.support.welsh_walker import subject

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.journeys.conftest import TypeOfPerson
    from tests.support.browser import Walker
    from tests.support.smtp import Inbox
    from tests.support.travel import Travel

    Deliver = Callable[[], None]


def test_i_must_change_my_password_first(person: Walker, inbox: Inbox, deliver_mail: Deliver) -> None:
    user = make_user(must_change_password=True)
    with story("I must change my password first", person, ends="alone", presses=4, fields=3):
        doing.log_in(person, user)
        assert person.heading == "Change your password"
        with aside(person):
            person.open("/my-esr/")
            assert person.heading == "Login to ESR"
            person.fill(username=user.username, password=PASSWORD)
            person.press(LOG_IN)
            person.press("Change password")
            person.sees("Enter a new password")
            person.fill(new_password="P@ssw0rd2026!")
            person.press("Change password")
            person.sees("common password")
            doing.look_at_a_desktop_too(person, "a password is refused")
        person.fill(new_password=NEW_PASSWORD)
        person.press("Change password")
        assert person.path == "/my-esr/"
    deliver_mail()
    assert subject(inbox.only()) == "Your ESR password was changed"


def test_the_log_in_page_was_left_open_for_days(person: Walker) -> None:
    """Meanwhile the person has logged in and out in another tab, so that the page's token is an old one."""
    user = make_user()
    left_open, also_left_open = person.new_tab(), person.new_tab()
    for tab in (left_open, also_left_open):
        tab.open("/log-in/")
    doing.log_in(person, user)
    person.press("Log out")
    with story("The log-in page was left open for days", person, ends="alone", presses=3, fields=5):
        left_open.fill(username=user.username, password=PASSWORD)
        left_open.press(LOG_IN, status=403)
        left_open.sees("type your password and log in")
        assert left_open.field("Username").input_value() == user.username
        left_open.fill(password=PASSWORD)
        left_open.press(LOG_IN)
        assert left_open.path == "/my-esr/"
        # Logged in already, in that tab.
        also_left_open.fill(username=user.username, password=PASSWORD)
        also_left_open.press(LOG_IN)
        assert also_left_open.path == "/my-esr/"


def test_i_was_logged_out_in_the_middle(person: Walker, travel: Travel) -> None:
    user = make_user(given_name="Philippa", family_name="Featherstone")
    person.page.clock.install()
    doing.log_in(person, user)
    person.press("Change password")
    wait(person, travel, UNTIL_WARNING + 1)
    expect(person.page.get_by_role("dialog")).to_be_visible()
    wait(person, travel, TO_ANSWER)
    person.page.wait_for_url("**/log-in/**")
    person.look("logged out")
    with story("I was logged out in the middle", person, ends="alone", presses=1, fields=1):
        assert person.field("Username").input_value() == user.username
        assert person.page.url.endswith("/log-in/?ended&next=%2Fchange-password%2F")
        person.fill(password=PASSWORD)
        person.press(LOG_IN)
        assert person.heading == "Change your password"


def test_a_colleague_was_at_this_computer_before_me(somebody: TypeOfPerson) -> None:
    """On the ward: the colleague has gone and is still logged in, and another time is half way through a log-in."""
    ward = somebody(size=DESKTOP)
    colleague = make_user(given_name="Philippa", family_name="Featherstone")
    mine = make_user(given_name="Kwame", family_name="Boateng")
    doing.log_in(ward, colleague)
    with story("A colleague was at this computer before me", ward, ends="alone", presses=4, fields=2):
        ward.open("/")
        ward.sees("If that is not you, choose Log out at the top right of this page first")
        ward.press("Log out")
        ward.press("Login to ESR")
        assert ward.field("Username").input_value() == ""
        ward.fill(username=mine.username, password=PASSWORD)
        ward.press(LOG_IN)
        ward.sees("Kwame Boateng", "This is the first time that you logged in")
        ward.does_not_see("Philippa", colleague.username)
    ward.press("Log out")

    colleague.must_change_password = True
    colleague.save(update_fields=["must_change_password"])
    doing.log_in(ward, colleague)
    assert ward.heading == "Change your password"
    # The colleague walks away; the next person goes to the front page and logs in.
    doing.log_in(ward, mine)
    ward.sees("Kwame Boateng")
    ward.press("Log out")
    ward.open("/log-in/change-password/")
    assert ward.heading == "Login to ESR"
    ward.does_not_see(colleague.username)
