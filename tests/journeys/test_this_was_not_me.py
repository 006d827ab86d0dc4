"""“This was not me”, pressed in My ESR: out everywhere at once, and in again by the card that no thief has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.journeys import doing
from tests.journeys.at_care_identity import card_of, come_back, holder
from tests.support.browser import PHONE
from tests.support.factories import NEW_PASSWORD, PASSWORD

if TYPE_CHECKING:
    from tests.journeys.conftest import TypeOfPerson
    from tests.support.stand_in import StandIn


def test_one_press_logs_out_everywhere_and_a_smartcard_sets_a_new_password(
    somebody: TypeOfPerson, care_identity: StandIn
) -> None:
    user = holder("Ewa")
    thief, person = somebody(size=PHONE), somebody(also=[PHONE])
    for each in (thief, person):
        doing.come_to(each, "/log-in/")
        each.fill(username=user.username, password=PASSWORD)
        each.send(doing.LOG_IN)
    person.press("This was not me")
    assert person.heading == "Stop your account?"
    person.press("It was not me: stop it")
    assert person.heading == "Your account is stopped"
    thief.open("/my-esr/")
    assert thief.heading == "Login to ESR"
    thief.fill(username=user.username, password=PASSWORD)
    thief.press(doing.LOG_IN)
    thief.sees("The username or password is not right, or the username is locked")
    come_back(person, care_identity, card_of("Ewa"))
    assert person.path == "/my-esr/"
    person.sees("Your password is frozen")
    person.press("Change password")
    person.fill(new_password=NEW_PASSWORD)
    person.press("Change password")
    person.sees("Your password was changed")
    person.does_not_see("Your password is frozen")
