"""What a screen reader announces once a person is logged in, and where a smartcard is the way in.

A program reads: tests/support/screen_reader.py says what it can tell.
"""

from __future__ import annotations

import datetime
import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from accounts import session_limits
from demo.care_identity.cards import PASSCODE
from tests.journeys import at_care_identity, doing
from tests.journeys.at_care_identity import card_of, holder
from tests.journeys.test_staying_logged_in import TO_ANSWER, UNTIL_WARNING, wait
from tests.support.care_identity import trust
from tests.support.factories import NEW_PASSWORD, PASSWORD, make_organisation, make_user
from tests.support.screen_reader import headings

if TYPE_CHECKING:
    import pytest

    from accounts.models import User
    from demo.care_identity.cards import Card
    from tests.support.browser import Walker
    from tests.support.screen_reader import ScreenReader
    from tests.support.stand_in import StandIn
    from tests.support.travel import Travel

WARNING = (
    "dialog, Are you still there?, You will be logged out in {}. "
    "This keeps your information safe if you have left this device."
)
LANDMARKS = ["banner", "navigation, Account", "main", "contentinfo"]


def log_in(person: Walker, user: User) -> None:
    """Log in without looking at a page: other journeys do."""
    doing.come_to(person, "/log-in/")
    person.fill(username=user.username, password=PASSWORD)
    person.send(doing.LOG_IN)


def show_card(person: Walker, care_identity: StandIn, card: Card) -> None:
    """Show a smartcard to Care Identity."""
    doing.come_to(person, "/log-in/")
    person.send(at_care_identity.LOG_IN, onward=care_identity.issuer)
    person.tick("Smartcard")
    person.send("Continue")
    person.tick(card.name)
    person.fill(passcode=PASSCODE)
    person.send("OK", onward=person.url)


def test_the_end_of_a_session_is_announced_once_a_step_and_can_be_put_off(
    person: Walker, reader: ScreenReader, travel: Travel
) -> None:
    person.page.clock.install()
    log_in(person, make_user())

    def warning() -> list[str]:
        person.page.get_by_role("button", name="Change password").focus()
        reader.heard()
        wait(person, travel, UNTIL_WARNING + 1)
        expect(person.button("Stay logged in")).to_be_focused()
        return reader.heard()

    # What it is, what it says, and the first of its buttons.
    opened = [WARNING.format("2 minutes"), "button, Stay logged in"]
    assert warning() == opened
    assert reader.press("Tab") == ["button, Log out, yes"]
    # Not each second: where a minute, half a minute and ten seconds are left.
    for _ in range(23):
        wait(person, travel, 5)
    assert reader.heard() == [
        f"assertive: You will be logged out in {left}." for left in ("1 minute", "30 seconds", "10 seconds")
    ]
    # Where staying does not work that is said, and the focus stays.
    # The browser itself is cut off: a request that is to be caught on its way may have gone before.
    person.page.context.set_offline(True)
    person.page.keyboard.press("Escape")
    problem = "We could not reach ESR. Check your internet connection, then try again."
    assert reader.hears("could not reach") == [f"assertive: {problem}"]
    person.page.context.set_offline(False)
    person.page.keyboard.press("Escape")
    assert reader.hears("Change password") == ["button, Change password"]

    # The next warning is as the first: it says nothing twice, and nothing of the one before.
    assert warning() == opened
    person.page.keyboard.press("Enter")
    expect(person.page.get_by_role("dialog")).to_be_hidden()
    # The server's session lasts as much longer as the browser's clock says.
    wait(person, travel, UNTIL_WARNING - 5)
    doing.come_to(person, "/my-esr/")
    assert person.path == "/my-esr/"

    # A computer that slept: the warning opens with the time that is left.
    person.page.get_by_role("button", name="Change password").focus()
    reader.heard()
    wait(person, travel, UNTIL_WARNING + TO_ANSWER - 40)
    expect(person.button("Stay logged in")).to_be_focused()
    assert reader.heard() == [WARNING.format("1 minute"), "button, Stay logged in"]
    wait(person, travel, TO_ANSWER)
    person.page.wait_for_url("**/log-in/**")
    person.page.wait_for_load_state("load")
    assert person.page.title() == "You were logged out – Login to ESR – ESR Portal"
    heard = reader.read_on()
    assert heard[heard.index("main") + 1 :][:3] == [
        "Information:",
        "You were logged out to keep your account safe, because ESR was not used for a while. Log in to go on.",
        "heading, Login to ESR, level 1",
    ]


def test_the_end_that_nothing_puts_off_is_announced_and_leads_back(
    person: Walker, reader: ScreenReader, travel: Travel, monkeypatch: pytest.MonkeyPatch
) -> None:
    minutes = datetime.timedelta(minutes=1)
    monkeypatch.setattr(session_limits, "PEOPLE", session_limits.Limits(idle=15 * minutes, absolute=10 * minutes))
    user = make_user()
    person.page.clock.install()

    def told_after(seconds: int) -> list[str]:
        person.page.get_by_role("button", name="Manage Internet Access").focus()
        reader.heard()
        wait(person, travel, seconds)
        expect(person.button("Log in again")).to_be_focused()
        return reader.heard()

    log_in(person, user)
    dialog, button = told_after(8 * 60 + 10)
    assert re.fullmatch(
        r"dialog, You have to log in again soon, You have been logged in for almost as long as is allowed\. "
        r"You will be logged out at (\d+(:\d\d)?[ap]m|midday|midnight)\. "
        r"When you log in again, you come back to this page\.",
        dialog,
    )
    assert button == "button, Log in again"
    assert reader.press("Tab") == ["button, Not yet"]
    assert reader.press("Enter") == ["button, Manage Internet Access"]
    wait(person, travel, 30)
    assert reader.heard() == []
    wait(person, travel, 90)
    person.page.wait_for_url("**/log-in/?ended=long&next=%2Fmy-esr%2F")
    assert person.page.title() == "You were logged out – Login to ESR – ESR Portal"

    person.fill(password=PASSWORD)
    person.send(doing.LOG_IN)
    assert told_after(8 * 60 + 10)[1] == "button, Log in again"
    with person.page.expect_navigation(url="**/log-in/?ended=long&next=%2Fmy-esr%2F"):
        person.page.keyboard.press("Enter")
    assert "because you had been logged in for as long as is allowed" in person.page.inner_text("main")
    person.fill(password=PASSWORD)
    person.send(doing.LOG_IN)
    assert person.path == "/my-esr/"


def test_my_esr_says_what_was_done_and_is_in_order(person: Walker, reader: ScreenReader) -> None:
    user = make_user(must_change_password=True)
    log_in(person, user)
    heard = reader.read_on()
    assert heard[heard.index("heading, Change your password, level 1") :][1:3] == [
        "Information:",
        "Your organisation has asked you to change your password. Do this to finish logging in.",
    ]
    person.fill(new_password=NEW_PASSWORD)
    person.send("Change password")
    person.page.wait_for_load_state("load")
    assert "alert, Success" in reader.heard()
    heard = reader.read_on()
    assert heard[:3] == [
        "heading, Success, level 2",
        "Your password was changed. You are logged in.",
        "heading, My ESR Jo Smith, level 1",
    ]

    doing.come_to(person, "/my-esr/")
    assert reader.press("Tab") == ["link, Skip to main content"]
    assert reader.press("Enter") == ["main"]
    assert headings(reader.read_on()) == [
        "My ESR Jo Smith, level 1",
        "Your applications, level 2",
        "Your details, level 2",
        "Keeping safe, level 2",
        "Logging in from anywhere, level 2",
    ]
    doing.come_to(person, "/my-esr/")
    heard = reader.read_on(to="end of document")
    assert [said for said in heard if said in LANDMARKS] == LANDMARKS
    person.send("Log out")
    assert person.page.title() == "You are logged out – ESR Portal"
    assert headings(reader.read_on())[0] == "You are logged out, level 1"


def test_a_refused_smartcard_hears_why_and_the_way_on(
    person: Walker, reader: ScreenReader, care_identity: StandIn
) -> None:
    make_organisation()
    kim = card_of("Kim")
    show_card(person, care_identity, kim)
    assert person.page.title() == "Your Care Identity is not linked to ESR – ESR Portal"
    heard = reader.read_on()
    assert heard[heard.index("main") + 1 :] == [
        "heading, Your Care Identity is not linked to ESR, level 1",
        (
            "We know that you logged in to Care Identity, but your ESR account does not have your Care Identity number "
            "yet."
        ),
        "Email your organisation’s ESR contact and ask them to add it. State:",
        "your name and ESR number",
        "your Care Identity number:",
        kim.uid,
        "button, Find your ESR contact",
        "If you have a username and password, you can",
        "link, log in with them",
        "meanwhile. If not, you can",
        "link, ask for them",
        ".",
        "Something else?",
        "link, Why can’t I get in?",
    ]


def test_internet_access_hears_what_is_asked_and_that_it_is_set_up(
    person: Walker, reader: ScreenReader, care_identity: StandIn
) -> None:
    organisation = make_organisation(requires_internet_access=True)
    trust(organisation)
    user = holder("Amina", organisation=organisation, password=None, care_identity_only=True, email="amina@nhs.net")
    show_card(person, care_identity, card_of("Amina"))
    doing.come_to(person, "/internet-access/")
    person.send("Set up internet access")
    links = ["link, Select yes if this is your email address", "link, Enter a new password"]
    assert reader.read_what_has_the_focus() == ["alert", "heading, There is a problem, level 2", *links]
    heard = reader.read_on()
    hidden = "a•••••@nhs.net (the dots hide the part before the @)"
    assert f"group, Is this your email address?, {hidden} Error: Select yes if this is your email address" in heard
    person.tick("Yes")
    person.fill(new_password=NEW_PASSWORD)
    person.send("Set up internet access")
    person.page.wait_for_load_state("load")
    assert "alert, Success" in reader.heard()
    heard = reader.read_on()
    assert heard[:3] == [
        "heading, Success, level 2",
        (
            f"You can now log in from anywhere with username {user.username} and the password that you have just set. "
            "You were logged out everywhere else."
        ),
        "heading, Manage Internet Access, level 1",
    ]
    access = heard.index("Internet access")
    assert heard[access + 1] == "On"


def test_why_cannot_i_get_in_reads_as_ten_headings_with_a_way_on_each(person: Walker, reader: ScreenReader) -> None:
    doing.come_to(person, "/help/why-cannot-i-get-in/")
    heard = reader.read_on()
    assert headings(heard)[0] == "Why can’t I get in?, level 1"
    turns = [said.split(",")[0] for said in heard if said.startswith(("heading", "button"))]
    assert turns[1:] == ["heading", "button"] * 10
