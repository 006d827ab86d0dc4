"""Logging out of the portal and of Care Identity: either leads to the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounts.models.session import Session
from tests.journeys import doing
from tests.journeys.at_care_identity import CHOOSER, card_of, come_back, come_in, go, holder, insert, select
from tests.support.browser import PHONE
from tests.support.factories import make_user
from tests.support.portal import wait_until

if TYPE_CHECKING:
    from accounts.models import User
    from tests.journeys.conftest import TypeOfPerson
    from tests.support.browser import Walker
    from tests.support.stand_in import StandIn

AMINA, EWA = card_of("Amina"), card_of("Ewa")
AT_BOTH = "Log out of Care Identity"


def log_out_at_care_identity(person: Walker, care_identity: StandIn, *, where: str) -> None:
    """Log out at Care Identity, in another tab."""
    tab = person.new_tab()
    tab.open(f"{care_identity.issuer}/")
    tab.sees("You are logged in as")
    tab.press(AT_BOTH)
    tab.tick(where)
    tab.press("Log out")
    assert tab.heading == "You are logged out of Care Identity"


def sessions_of(user: User) -> int:
    return Session.objects.filter(user_id=user.pk).count()


def test_who_logs_out_at_care_identity_is_logged_out_here_with_the_next_click(
    somebody: TypeOfPerson, care_identity: StandIn
) -> None:
    person, user = somebody(size=PHONE), holder("Amina")
    come_back(person, care_identity, AMINA)
    log_out_at_care_identity(person, care_identity, where="On this computer")
    wait_until(lambda: sessions_of(user) == 0)
    person.press("Manage Internet Access")
    assert person.heading == "Login to ESR"
    person.back()
    person.does_not_see(user.username, "Okafor")


def test_logging_out_on_one_computer_leaves_the_other(somebody: TypeOfPerson, care_identity: StandIn) -> None:
    here, there, user = somebody(), somebody(), holder("Amina")
    come_back(here, care_identity, AMINA)
    come_back(there, care_identity, AMINA)
    log_out_at_care_identity(here, care_identity, where="On this computer")
    wait_until(lambda: sessions_of(user) == 1)
    there.open("/my-esr/")
    there.sees("Amina Okafor")
    here.open("/my-esr/")
    assert here.heading == "Login to ESR"


def test_logging_out_everywhere_ends_what_the_smartcard_opened_and_nothing_else(
    somebody: TypeOfPerson, care_identity: StandIn
) -> None:
    here, there, by_password, user = somebody(), somebody(), somebody(), holder("Amina")
    come_back(here, care_identity, AMINA)
    come_back(there, care_identity, AMINA)
    doing.come_in(by_password, user)
    log_out_at_care_identity(here, care_identity, where="Everywhere that I am logged in")
    wait_until(lambda: sessions_of(user) == 1)
    for person in (here, there):
        person.open("/my-esr/")
        assert person.heading == "Login to ESR"
    by_password.open("/my-esr/")
    by_password.sees("Amina Okafor")


def test_who_logs_out_here_can_log_out_of_care_identity_too(somebody: TypeOfPerson, care_identity: StandIn) -> None:
    person, _ = somebody(size=PHONE), holder("Amina")
    come_back(person, care_identity, AMINA)
    person.press("Log out")
    person.sees("You may still be logged in to Care Identity")
    person.press(AT_BOTH, onward=f"{person.url}/log-out/")
    assert person.heading == "You are logged out"
    person.does_not_see("You may still be logged in")
    person.open(f"{care_identity.issuer}/")
    person.sees("Nobody is logged in here")


def test_the_offer_is_not_left_for_the_next_person(person: Walker, care_identity: StandIn) -> None:
    second = make_user(given_name="Kwame", family_name="Boateng")
    come_in(person, holder("Amina"), AMINA)
    person.press("Log out")
    person.follow("Login to ESR", within="main")
    doing.log_in_here(person, second)
    person.press("Log out")
    person.does_not_see("Care Identity")


def test_the_next_person_is_asked_for_their_own_card(person: Walker, care_identity: StandIn) -> None:
    """Threat: the next person gets in by the Care Identity of the person before, who forgot to log out of it."""
    holder("Amina")
    second = holder("Ewa")
    come_back(person, care_identity, AMINA)
    person.press("Log out")
    person.open("/log-in/")
    go(person, care_identity)
    assert person.heading == CHOOSER
    select(person, "Smartcard")
    insert(person, EWA)
    person.sees("Ewa Nowak", second.username)
    person.does_not_see("Okafor")
