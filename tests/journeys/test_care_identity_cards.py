"""What can go wrong with a smartcard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.journeys.at_care_identity import card_of, go, go_to_the_card_reader, holder, insert, log_in_from_here, select
from tests.support.browser import PHONE

if TYPE_CHECKING:
    from tests.journeys.conftest import TypeOfPerson
    from tests.support.browser import Walker
    from tests.support.stand_in import StandIn

AMINA = card_of("Amina")
WRONG = "4321"
BACK = "You did not finish logging in with Care Identity"


def test_a_wrong_passcode_can_be_corrected(person: Walker, care_identity: StandIn) -> None:
    holder("Amina")
    go_to_the_card_reader(person, care_identity)
    insert(person, AMINA, passcode="")
    person.sees("Enter your passcode")
    insert(person, AMINA, passcode=WRONG)
    person.sees("This is not the passcode of this card. After 2 more wrong passcodes the card will be locked")
    assert person.field("Passcode").input_value() == ""
    insert(person, AMINA)
    assert person.path == "/my-esr/"


def test_without_a_card_the_person_can_cancel_at_the_chooser_and_the_reader_and_is_told_what_to_do(
    somebody: TypeOfPerson, care_identity: StandIn
) -> None:
    person, user = somebody(size=PHONE), holder("Amina")
    person.open("/log-in/")
    go(person, care_identity)
    person.follow("Cancel")
    assert person.heading == BACK
    person.follow("log in with your username and password")
    assert person.heading == "Login to ESR"
    go(person, care_identity)
    select(person, "Smartcard")
    person.press("OK")
    person.sees("Select the card that is in the card reader")
    person.tick("No card")
    person.press("OK")
    person.sees("No smartcard was found. Put your smartcard into the card reader and try again")
    person.follow("Cancel")
    assert person.heading == BACK
    person.sees("Check that your smartcard is in the reader, then try again")
    log_in_from_here(person, care_identity, AMINA, button="Try again with my Care Identity")
    person.sees(user.username)


def test_who_goes_back_after_the_log_in_is_told_to_begin_again(person: Walker, care_identity: StandIn) -> None:
    holder("Amina")
    go_to_the_card_reader(person, care_identity)
    used: list[str] = []
    person.page.on("request", lambda request: used.append(request.url) if "/callback/" in request.url else None)
    insert(person, AMINA)
    person.press("Log out")
    person.open(used[0])
    assert person.heading == "Log in again"
    person.open("/my-esr/")
    assert person.heading == "Login to ESR"
