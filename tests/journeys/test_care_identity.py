"""Logging in with a smartcard, as the guide that staff are given has it: the first time, and from then on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser import DESKTOP, PHONE
from tests.journeys.at_care_identity import CHOOSER, LOG_IN, card_of, go, holder, insert, log_in, select

if TYPE_CHECKING:
    from tests.browser import Walker
    from tests.journeys.conftest import TypeOfPerson
    from tests.stand_in import StandIn

AMINA = card_of("Amina")


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_first_time_with_a_smartcard(somebody: TypeOfPerson, care_identity: StandIn, size: dict[str, int]) -> None:
    person, user = somebody(size=size), holder("Amina", password=None, care_identity_only=True)
    person.open("/")
    person.follow("Login to ESR", within="header")
    go(person, care_identity)
    assert person.heading == CHOOSER
    person.press("Continue")
    person.sees("Select your preferred login method")
    select(person, "Smartcard")
    insert(person, AMINA)
    assert person.path == "/my-esr/"
    person.sees("Amina Okafor", user.username, "This is the first time that you logged in")
    person.press("Log out")
    assert person.heading == "You are logged out"
