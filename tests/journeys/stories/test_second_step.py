"""What people do whose second step is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounts.services.second_step import recovery_codes
from tests.journeys import doing
from tests.support.authenticator import PhoneApp
from tests.support.factories import make_user
from tests.support.stories import story

if TYPE_CHECKING:
    from tests.support.browser import Walker


def test_i_lost_the_phone_that_shows_my_code(person: Walker) -> None:
    user = make_user()
    PhoneApp.of(user)
    [code, *_] = recovery_codes.make(user=user)
    with story("I lost the phone that shows my code", person, ends="alone", presses=5, fields=3):
        doing.log_in(person, user)
        assert person.heading == "Enter your code"
        person.follow("I have lost my second step, or use another way")
        person.sees("They will check that it is you", "read a code of 8 digits to you")
        person.fill(recovery_code=code)
        person.press("Continue")
        assert person.path == "/my-esr/"
