"""No journey needs JavaScript: with a smartcard. Without one: stories/test_without.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.journeys.at_care_identity import card_of, come_back, holder
from tests.support.browser import PHONE
from tests.support.care_identity import trust
from tests.support.factories import NEW_PASSWORD, make_organisation

if TYPE_CHECKING:
    from tests.journeys.conftest import TypeOfPerson
    from tests.support.stand_in import StandIn


def test_a_smartcard_and_internet_access_work_without_scripts(somebody: TypeOfPerson, care_identity: StandIn) -> None:
    person = somebody(javascript=False, size=PHONE)
    holder("Ewa", organisation=make_organisation(code="998", name="Southern Test Trust"))
    user = holder("Ewa", password=None, care_identity_only=True)
    trust(user.organisation)
    come_back(person, care_identity, card_of("Ewa"))
    person.press("Continue")
    person.tick(f"{user.organisation.name}, as {user.username}")
    person.press("Continue")
    person.press("Manage Internet Access")
    person.press("Set up internet access")
    person.sees("Select yes if this is your email address", "Enter a new password")
    person.tick("Yes")
    person.fill(new_password=NEW_PASSWORD)
    person.press("Set up internet access")
    person.sees("You can now log in from anywhere")
    person.press("Log out")
    person.press("Log out of Care Identity", onward=f"{person.url}/log-out/")
    assert person.heading == "You are logged out"
