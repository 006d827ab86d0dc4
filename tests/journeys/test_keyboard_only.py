"""Everything can be done without a mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from demo.care_identity.cards import PASSCODE
from tests.journeys import at_care_identity
from tests.journeys.at_care_identity import holder
from tests.support.care_identity import trust
from tests.support.factories import NEW_PASSWORD
from tests.support.keyboard import Keyboard

if TYPE_CHECKING:
    from tests.support.browser import Walker
    from tests.support.stand_in import StandIn


def test_a_smartcard_and_internet_access_by_keyboard_alone(person: Walker, care_identity: StandIn) -> None:
    keyboard, user = Keyboard(person), holder("Amina", password=None, care_identity_only=True)
    trust(user.organisation)
    person.open("/")
    keyboard.activate("Login to ESR")
    keyboard.tab_to("Remember my selection")
    keyboard.press("Space")
    keyboard.activate(at_care_identity.LOG_IN, key="Space", onward=care_identity.issuer)
    keyboard.tab_to("Smartcard")
    keyboard.press("Space")
    keyboard.activate("Continue")
    # A wrong passcode: the summary has the focus, its link leads to the box.
    keyboard.tab_to("Amina Okafor")
    keyboard.press("Space")
    keyboard.type_into("Passcode", "4321")
    keyboard.activate("OK")
    keyboard.tab_to("This is not the passcode of this card. After 2 more wrong passcodes the card will be locked")
    keyboard.press("Enter")
    assert keyboard.place == "Passcode"
    person.page.keyboard.type(PASSCODE)
    keyboard.activate("OK")
    assert person.path == "/my-esr/"

    keyboard.activate("Manage Internet Access")
    keyboard.tab_to("Yes")
    keyboard.press("Space")
    keyboard.type_into("New password", NEW_PASSWORD)
    keyboard.activate("Set up internet access")
    keyboard.activate("Withdraw internet access")
    keyboard.activate("Withdraw internet access", key="Space")
    person.sees("Your internet access is withdrawn")
    keyboard.activate("Log out", key="Space")
    keyboard.activate("Log out of Care Identity", onward=f"{person.url}/log-out/")
    assert person.heading == "You are logged out"
    keyboard.activate("Login to ESR")
    keyboard.activate("Forget my selection", key="Space")


def test_the_first_tab_skips_to_the_content(person: Walker) -> None:
    keyboard = Keyboard(person)
    for path in ("/", "/log-in/", "/recovery/", "/help/"):
        person.open(path)
        keyboard.press("Tab")
        assert keyboard.place == "Skip to main content"
        keyboard.press("Enter")
        assert person.page.evaluate("() => document.activeElement.id") == "maincontent"
