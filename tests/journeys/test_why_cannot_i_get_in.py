"""A person who is refused finds out why and whom to ask, on a phone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.journeys import doing
from tests.support.browser import DESKTOP, PHONE
from tests.support.factories import make_organisation, make_user

if TYPE_CHECKING:
    from tests.journeys.conftest import TypeOfPerson


def test_who_is_refused_comes_to_the_contact_of_their_organisation_in_two_presses(somebody: TypeOfPerson) -> None:
    organisation = make_organisation(code="999", name="Northern Test Hospitals", support_email="esr@north.nhs.example")
    person = somebody(size=PHONE, also=[DESKTOP])
    doing.log_in(person, make_user(organisation=organisation), password=doing.WRONG_PASSWORD)
    person.follow("Why can’t I get in?", within="main")
    assert person.heading == "Why can’t I get in?"
    person.press("Find who corrects my dates")
    person.sees("1 organisation found for “999”", "esr@north.nhs.example")
    for page in ("Accessibility statement", "Privacy", "Cookies"):
        person.follow(page, within="footer")
        assert person.heading == page
