"""A person on their own phone who ticks not to be asked for the second step in its browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounts.services.second_step import remembered_browsers
from tests.journeys import doing
from tests.support.authenticator import PhoneApp
from tests.support.browser import PHONE
from tests.support.factories import make_user

if TYPE_CHECKING:
    from tests.journeys.conftest import TypeOfPerson
    from tests.support.travel import Travel

TICK = "Don’t ask on this browser for 30 days"


def test_a_phone_is_asked_once_and_again_when_it_was_revoked(somebody: TypeOfPerson, travel: Travel) -> None:
    user = make_user()
    app = PhoneApp.of(user)
    person = somebody(size=PHONE)
    doing.log_in_here(person, user)
    person.fill(**{"6-digit_code": app.code()})
    person.tick(TICK)
    person.press("Continue")
    assert person.path == "/my-esr/"
    person.press("Log out")
    doing.log_in_here(person, user)
    assert person.path == "/my-esr/", "it is not asked"
    person.press("Log out")

    elsewhere = somebody(size=PHONE)
    doing.log_in_here(elsewhere, user)
    assert elsewhere.path == "/log-in/second-step/", "another browser is"

    [remembered] = remembered_browsers.of(user=user)
    assert remembered_browsers.forget(user=user, pk=remembered.pk)
    doing.log_in_here(person, user)
    assert person.path == "/log-in/second-step/"
    person.fill(**{"6-digit_code": app.code_after(travel)})
    person.press("Continue")
    assert person.path == "/my-esr/"
