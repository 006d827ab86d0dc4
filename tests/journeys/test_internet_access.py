"""Manage Internet Access, steps 8 and 9 of the guide: a username and password for home, set up at work.

People are where the proxy in front of the portal says that they are.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.journeys import doing
from tests.journeys.at_care_identity import APP, card_of, come_back, come_in, holder, log_in_from_here
from tests.support.browser import DESKTOP, PHONE
from tests.support.care_identity import trust
from tests.support.factories import NEW_PASSWORD, PASSWORD, make_organisation

if TYPE_CHECKING:
    from collections.abc import Callable

    from accounts.models import User
    from tests.journeys.conftest import TypeOfPerson
    from tests.support.browser import Walker
    from tests.support.smtp import Inbox
    from tests.support.stand_in import StandIn
    from tests.support.travel import Travel

AMINA = card_of("Amina")
MANAGE = "Manage Internet Access"
AGAIN = "Log in with my Care Identity again"
WORK, HOME = "10.20.30.40", "203.0.113.9"


@pytest.fixture
def amina() -> User:
    """Return a person with a smartcard and no password, at an organisation whose passwords stay inside."""
    organisation = make_organisation(requires_internet_access=True)
    trust(organisation, "10.20.0.0/16")
    return holder("Amina", organisation=organisation, password=None, care_identity_only=True, email="amina@nhs.net")


def set_up(person: Walker, *, button: str = "Set up internet access", password: str = NEW_PASSWORD) -> None:
    """Fill in Manage Internet Access and send it."""
    person.tick("Yes")
    person.fill(new_password=password)
    person.press(button)


def refused_like_a_wrong_password(person: Walker, user: User, *, password: str) -> bool:
    """Try to log in; return whether the page says what it says of a wrong password."""
    doing.log_in_here(person, user, password=doing.WRONG_PASSWORD)
    wrong = _without_times(person.page.inner_text("main"))
    doing.log_in_here(person, user, password=password)
    assert (person.heading, _without_times(person.page.inner_text("main"))) == ("Login to ESR", wrong)
    return True


def _without_times(text: str) -> str:
    """Return what a page says whenever it says it: the minute may change between two tries."""
    return re.sub(r"\d{1,2}:\d\d[ap]m", "a time", text)


def test_who_gives_it_up_is_refused_at_home_like_anybody_with_a_wrong_password(
    somebody: TypeOfPerson, care_identity: StandIn, amina: User, inbox: Inbox, deliver_mail: Callable[[], None]
) -> None:
    at_work, at_home = somebody(), somebody(size=PHONE)
    at_work.moves_to(WORK)
    at_home.moves_to(HOME)
    come_in(at_work, amina, AMINA)
    at_work.press(MANAGE)
    set_up(at_work)
    doing.log_in_here(at_home, amina, password=NEW_PASSWORD)
    assert at_home.path == "/my-esr/"

    at_work.press("Withdraw internet access")
    at_work.follow("Keep internet access")
    at_work.press("Withdraw internet access")
    at_work.press("Withdraw internet access")
    at_work.sees("Your internet access is withdrawn", "Withdrawn")
    deliver_mail()
    assert inbox.newest("amina@nhs.net").subject == "Your internet access to ESR was withdrawn"

    at_home.open("/my-esr/")
    assert at_home.heading == "Login to ESR", "what the password had opened is closed"
    assert refused_like_a_wrong_password(at_home, amina, password=NEW_PASSWORD)
    at_home.moves_to(WORK)
    doing.log_in_here(at_home, amina, password=NEW_PASSWORD)
    assert at_home.path == "/my-esr/", "it still works at the organisation"


def test_who_came_by_password_is_told_to_log_in_with_the_smartcard(
    somebody: TypeOfPerson, care_identity: StandIn, amina: User
) -> None:
    person = somebody(size=PHONE)
    person.moves_to(WORK)
    amina.set_password(PASSWORD)
    amina.save()
    doing.log_in_here(person, amina)
    person.sees("Your username and password work only on your organisation’s network")
    person.press(MANAGE)
    person.sees(
        "You did not log in with your Care Identity", "This device is on the network of Northern Test Hospitals"
    )
    log_in_from_here(person, care_identity, AMINA)
    assert person.heading == MANAGE
    set_up(person)
    person.sees("You can now log in from anywhere")


def test_at_home_the_page_says_what_is_missing(somebody: TypeOfPerson, care_identity: StandIn, amina: User) -> None:
    person = somebody(size=PHONE, also=[DESKTOP])
    person.moves_to(HOME)
    come_in(person, amina, AMINA)
    person.press(MANAGE)
    person.sees("You have just logged in with your smartcard")
    person.sees("This device is not on the network of Northern Test Hospitals", "Go to a computer at your organisation")
    assert person.page.get_by_label("New password").count() == 0
    person.page.get_by_text("If you do not have a smartcard").click()
    person.sees(amina.organisation.support_email)
    person.look("the help for people without a smartcard")
    # With the laptop at work the same session is enough.
    person.moves_to(WORK)
    person.open("/internet-access/")
    set_up(person)
    person.sees("You can now log in from anywhere")


def test_an_app_is_not_a_smartcard(person: Walker, care_identity: StandIn) -> None:
    organisation = make_organisation(requires_internet_access=True, care_identity_level=2)
    trust(organisation, "10.20.0.0/16")
    user = holder("Amina", organisation=organisation)
    person.moves_to(WORK)
    come_back(person, care_identity, AMINA, method=APP)
    assert person.path == "/my-esr/", "it is enough to log in where the organisation allows it"
    person.sees(user.username)
    person.press(MANAGE)
    person.sees("You logged in with your Care Identity, but not with a smartcard")
    log_in_from_here(person, care_identity, AMINA, button=AGAIN)
    person.sees("Set up your password")


def test_a_wrong_email_address_and_a_form_open_for_too_long_change_nothing_and_say_what_to_do(
    person: Walker, care_identity: StandIn, amina: User
) -> None:
    person.moves_to(WORK)
    come_in(person, amina, AMINA)
    person.press(MANAGE)
    person.tick("No")
    person.fill(new_password=NEW_PASSWORD)
    person.press("Set up internet access")
    person.sees("Ask your organisation to correct your email address first", amina.organisation.support_email)
    # The same form, sent from where it is not offered.
    person.moves_to(HOME)
    set_up(person)
    person.sees("Nothing was changed", "This device is not on the network")
    amina.refresh_from_db()
    assert amina.internet_access_since is None


def test_who_waits_a_quarter_of_an_hour_shows_the_card_again(
    person: Walker, care_identity: StandIn, amina: User, travel: Travel
) -> None:
    person.moves_to(WORK)
    come_in(person, amina, AMINA)
    for _ in range(2):
        travel(minutes=8)
        person.open("/my-esr/")
    person.press(MANAGE)
    person.sees("You logged in with your smartcard more than 15 minutes ago")
    # The clock of Care Identity does not travel.
    travel.back()
    log_in_from_here(person, care_identity, AMINA, button=AGAIN)
    person.sees("Set up your password")
