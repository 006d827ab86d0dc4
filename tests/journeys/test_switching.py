"""A person with two employers, on a phone: logged in to both, from one account to the other in two presses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from accounts.models import Authenticator
from accounts.services.second_step import still_works
from tests.journeys import doing
from tests.support.authenticator import PhoneApp
from tests.support.browser import DESKTOP, PHONE
from tests.support.care_identity import trust
from tests.support.factories import PASSWORD, make_organisation, make_user
from tests.support.two_accounts import make_southern

if TYPE_CHECKING:
    from tests.journeys.conftest import TypeOfPerson


def test_two_employers_on_one_phone(somebody: TypeOfPerson) -> None:
    north, south = make_user(organisation=make_organisation(second_step="required_outside")), make_southern()
    trust(north.organisation)
    app = PhoneApp.of(north)
    Authenticator.objects.update(created_at=timezone.now() - still_works.ASK_AFTER, last_used_at=None)
    person = somebody(size=PHONE, also=[DESKTOP])
    doing.log_in_here(person, north)
    assert person.heading == "Does your second step still work?"
    person.press("Ask me next time")
    assert person.path == "/my-esr/"

    person.follow("Use another account of yours")
    assert person.heading == "Your accounts"
    person.sees(f"You are using {north.username} at Northern Test Hospitals.")
    person.press("Log in to another account of yours")
    assert person.heading == "Log in to another account"
    person.sees(f"You stay logged in as {north.username}")
    person.fill(username=south.username, password=PASSWORD)
    person.press(doing.LOG_IN)
    assert person.path == "/my-esr/"
    left_open = person.new_tab()
    left_open.open("/change-password/")

    before = person.tally.presses
    person.follow(south.username, within="header")
    person.press(f"Switch to {north.username}")
    assert (person.path, person.tally.presses - before) == ("/my-esr/", 2)
    person.sees("Northern Test Hospitals")
    person.follow(north.username, within="header")
    person.press(f"Switch to {south.username}")
    person.sees("Southern Test Hospitals")
    # A form of the account before is not taken, and its page says who is in.
    left_open.fill(current_password=PASSWORD, new_password="harbour velvet biscuit")
    left_open.press("Change password", status=403)
    left_open.sees(south.username)

    person.press("Log out")
    person.sees("You are logged out of all your accounts in this browser.")
    doing.log_in_here(person, north)
    assert person.heading == "Does your second step still work?"
    person.does_not_see("Ask me next time")
    person.fill(**{"6-digit_code": app.code()})
    person.press("It works")
    person.sees("Your second step works.")
