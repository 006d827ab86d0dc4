"""More people log in than the machine can hash for: the page that says so, and the way back from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounts import turns
from tests.journeys import doing
from tests.support.browser import DESKTOP, PHONE
from tests.support.factories import PASSWORD, make_user

if TYPE_CHECKING:
    from tests.journeys.conftest import TypeOfPerson


def test_who_is_sent_away_comes_back_to_the_form_and_gets_in(somebody: TypeOfPerson) -> None:
    user = make_user()
    person = somebody(size=PHONE, also=[DESKTOP])
    person.open("/log-in/")
    person.fill(username=user.username, password=PASSWORD)
    before = turns.use(turns.Turns(at_once=1, places=0))
    try:
        person.press(doing.LOG_IN, status=503)
    finally:
        turns.use(before)
    assert person.heading == "ESR is busy, trying again"
    person.follow("Go back to the form now")
    person.fill(username=user.username, password=PASSWORD)
    person.press(doing.LOG_IN)
    assert "/my-esr/" in person.path
