"""A second step set up and used, on a phone: with an app, with codes on paper, and after both are lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounts.services import second_step
from accounts.services.second_step import bootstrap_codes
from tests.journeys.doing import log_in_here
from tests.support.authenticator import PhoneApp
from tests.support.browser import PHONE
from tests.support.factories import make_organisation, make_user

if TYPE_CHECKING:
    from accounts.models import User
    from tests.journeys.conftest import TypeOfPerson
    from tests.support.browser import Walker
    from tests.support.travel import Travel

CODE = "6-digit_code"
LOST = "I have lost my second step, or use another way"
SAVED = "I have saved these codes"


def make_person_who_needs_one() -> User:
    return make_user(organisation=make_organisation(code="997", name="Riverside Trust", second_step="required"))


def set_up_app(person: Walker) -> PhoneApp:
    """Set up an app and pass by the codes; return the app."""
    assert person.heading == "Set up a second step"
    person.press("Set up an authenticator app")
    app = PhoneApp.typed(person.page.locator(".portal-secret").inner_text())
    person.fill(**{CODE: app.code()})
    person.press("Continue")
    assert person.heading == "Your recovery codes"
    return app


def test_an_app_is_set_up_with_codes_and_each_lets_in(somebody: TypeOfPerson, travel: Travel) -> None:
    user, person = make_person_who_needs_one(), somebody(size=PHONE)
    log_in_here(person, user)
    app = set_up_app(person)
    codes = person.page.locator(".portal-recovery-codes code").all_inner_texts()
    assert len(codes) == second_step.ways_of(user=user).recovery_codes == 10
    with person.page.expect_download() as saving:
        person.page.get_by_text("Save the codes as a file").click()
    assert saving.value.suggested_filename == "ESR-recovery-codes.txt"
    assert codes[9] in saving.value.path().read_text()
    person.press(SAVED)
    assert person.path == "/my-esr/"

    person.press("Log out")
    log_in_here(person, user)
    assert person.heading == "Enter your code"
    person.fill(**{CODE: app.wrong_code()})
    person.press("Continue")
    person.sees("That code is not right")
    person.fill(**{CODE: app.code_after(travel)})
    person.press("Continue")
    assert person.path == "/my-esr/"

    person.press("Log out")
    log_in_here(person, user)
    person.follow(LOST)
    person.fill(recovery_code=codes[0].upper())
    person.press("Continue")
    assert person.path == "/my-esr/"


def test_who_has_lost_everything_begins_anew_with_a_code_of_the_helpdesk_and_no_scripts(
    somebody: TypeOfPerson, travel: Travel
) -> None:
    user, person = make_person_who_needs_one(), somebody(size=PHONE, javascript=False)
    lost = PhoneApp.of(user)
    log_in_here(person, user)
    person.follow(LOST)
    person.fill(code_from_the_helpdesk="1234 5678")
    person.press("Set up a new second step")
    person.sees("After five wrong tries you have to log in again")
    person.fill(code_from_the_helpdesk=bootstrap_codes.make(user=user, by=None))
    person.press("Set up a new second step")
    new = set_up_app(person)
    person.press(SAVED)
    assert person.path == "/my-esr/"
    person.press("Log out")
    log_in_here(person, user)
    person.fill(**{CODE: lost.next_code()})
    person.press("Continue")
    person.sees("That code is not right")
    person.fill(**{CODE: new.code_after(travel)})
    person.press("Continue")
    assert person.path == "/my-esr/"
