"""Every page of the stand-in Care Identity, in every state: it looks and behaves as the portal's own pages do."""

from __future__ import annotations

import pytest

from demo.care_identity.cards import PASSCODE
from tests.journeys.conftest import TypeOfPerson
from tests.support.browser import PHONE, Walker
from tests.support.stand_in import StandIn

AMINA, JESS = "Amina Okafor", "Jess Turner"


@pytest.fixture
def person(somebody: TypeOfPerson) -> Walker:
    """Return a person who sees each page on a desktop and on a phone."""
    return somebody(also=(PHONE,))


def test_somebody_looks_round(person: Walker, care_identity: StandIn) -> None:
    person.open(care_identity.issuer)
    person.sees("This is a stand-in for NHS Care Identity. It proves nothing.", "Nobody is logged in here.")
    person.follow("See the demo cards")
    person.sees("555000000101", "Three wrong passcodes lock a card.")
    person.open(f"{care_identity.issuer}/nowhere/", status=404)
    person.sees("There is no such page here.")
    person.open(f"{care_identity.issuer}/authorize?client_id=somebody-else", status=400)
    person.open(f"{care_identity.card_origin}/log-in/card/", status=403)
    person.sees("No smartcard was found")


def test_somebody_makes_it_misbehave_and_behave(person: Walker, care_identity: StandIn) -> None:
    person.open(f"{care_identity.issuer}/misbehave/")
    person.press("Misbehave")
    person.sees("Select what it should do")
    person.tick("A claim of the ID token: No acr", "Until it is told to behave")
    person.press("Misbehave")
    person.sees("Misbehaving now")
    person.press("Behave")
    person.sees("It behaves.")


def test_somebody_locks_a_card_and_unlocks_it(person: Walker, care_identity: StandIn) -> None:
    person.open(f"{care_identity.issuer}/log-in/")
    person.press("Continue")
    person.sees("Select your preferred login method")
    person.tick("Smartcard")
    person.press("Continue")
    person.press("OK")
    for _ in range(3):
        person.tick(JESS)
        person.fill(passcode="0000")
        person.press("OK")
    person.sees("This card is locked")
    person.follow("Unlock a demo card")
    person.press(f"Unlock the card of {JESS}")
    person.does_not_see("Locked")


def test_somebody_tries_each_method_and_logs_out(person: Walker, care_identity: StandIn) -> None:
    for method in ("Windows Hello", "Security key", "Authenticator app"):
        person.open(f"{care_identity.issuer}/log-in/?choose=again")
        person.tick(method)
        person.press("Continue")
        assert person.heading == method
        person.press("Continue")
        person.sees("Choose who you are")
        person.tick(AMINA)
        if method == "Authenticator app":
            person.fill(code_from_your_authenticator_app=person.page.locator(".demo-code").inner_text())
        person.press("Continue")
        person.sees(f"You are logged in as {AMINA} by {method}.")
    person.open(f"{care_identity.issuer}/log-in/smartcard/")
    person.tick(AMINA)
    person.fill(passcode=PASSCODE)
    person.press("OK")
    person.press("Log out of Care Identity")
    person.press("Log out")
    person.sees("You are logged out of Care Identity")
