"""Logging in with a smartcard, as the guide that staff are given has it: the first time, and from then on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounts.services import lockout
from tests.journeys import doing
from tests.journeys.at_care_identity import (
    CHOOSER,
    LOG_IN,
    card_of,
    come_back,
    go,
    holder,
    insert,
    log_in_from_here,
    select,
)
from tests.support.authenticator import PhoneApp
from tests.support.browser import DESKTOP, PHONE
from tests.support.factories import make_organisation
from tests.support.helpdesk import lock

if TYPE_CHECKING:
    from tests.journeys.conftest import TypeOfPerson
    from tests.support.browser import Walker
    from tests.support.stand_in import StandIn

AMINA, EWA, JESS = card_of("Amina"), card_of("Ewa"), card_of("Jess")


def test_the_first_time_with_a_smartcard(somebody: TypeOfPerson, care_identity: StandIn) -> None:
    person, user = somebody(size=PHONE, also=[DESKTOP]), holder("Amina", password=None, care_identity_only=True)
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


def test_the_portal_remembers_which_way_in_comes_first_until_it_is_told_to_forget(
    somebody: TypeOfPerson, care_identity: StandIn
) -> None:
    person, _ = somebody(size=PHONE, also=[DESKTOP]), holder("Amina")
    person.open("/log-in/")
    person.tick("Remember my selection")
    log_in_from_here(person, care_identity, AMINA)
    person.press("Log out")
    person.follow("Login to ESR", within="main")
    person.sees("You chose to log in with your smartcard")
    assert all(is_above(person, LOG_IN, doing.LOG_IN) for _ in person.sizes())
    log_in_from_here(person, care_identity, AMINA)
    person.press("Log out")
    person.open("/log-in/")
    person.press("Forget my selection")
    assert person.path == "/log-in/"
    assert all(is_above(person, doing.LOG_IN, LOG_IN) for _ in person.sizes())
    assert not person.page.get_by_label("Remember my selection").is_checked()


def test_care_identity_remembers_the_method_and_asks_for_the_card_at_once(
    person: Walker, care_identity: StandIn
) -> None:
    holder("Amina")
    person.open("/log-in/")
    go(person, care_identity)
    select(person, "Smartcard", remember=True)
    insert(person, AMINA)
    person.press("Log out")
    person.open("/log-in/")
    go(person, care_identity)
    insert(person, AMINA)
    assert person.path == "/my-esr/"
    # The next person at this computer can still choose.
    person.press("Log out")
    person.open("/log-in/")
    go(person, care_identity)
    person.follow("Choose another login method")
    assert person.page.get_by_label("Smartcard", exact=True).is_checked()


def test_a_browser_that_does_not_go_on_by_itself_shows_a_page_with_a_button(
    somebody: TypeOfPerson, care_identity: StandIn
) -> None:
    person, _ = somebody(size=PHONE), holder("Amina")
    person.open("/log-in/")
    person.page.route(f"{care_identity.issuer}/**", lambda route: route.abort("aborted"))
    person.press(LOG_IN)
    assert person.heading == "Taking you to Care Identity"
    person.page.unroute_all()
    person.press("Continue")
    select(person, "Smartcard")
    insert(person, AMINA)
    assert person.path == "/my-esr/"


def test_after_the_log_in_one_is_where_one_wanted_to_be(person: Walker, care_identity: StandIn) -> None:
    holder("Amina")
    person.open("/internet-access/")
    log_in_from_here(person, care_identity, AMINA)
    assert person.heading == "Manage Internet Access"


def test_who_has_two_employers_chooses_one(somebody: TypeOfPerson, care_identity: StandIn) -> None:
    person, south = somebody(size=PHONE), make_organisation(code="998", name="Southern Test Trust")
    first, second = holder("Ewa"), holder("Ewa", organisation=south)
    come_back(person, care_identity, EWA)
    assert person.heading == "Choose an employer"
    person.press("Continue")
    person.sees("Choose where you want to log in")
    person.tick(f"Southern Test Trust, as {second.username}")
    person.press("Continue")
    assert person.path == "/my-esr/"
    person.sees("Southern Test Trust", second.username)
    person.does_not_see(first.username)


def test_a_choice_that_somebody_walked_away_from_is_not_left_for_the_next_person(
    person: Walker, care_identity: StandIn
) -> None:
    holder("Ewa")
    holder("Ewa", organisation=make_organisation(code="998", name="Southern Test Trust"))
    come_back(person, care_identity, EWA)
    assert person.heading == "Choose an employer"
    person.open("/log-in/")
    person.open("/care-identity/choose/")
    assert person.heading == "Log in again"


def test_the_helpdesk_opens_the_admin_with_a_smartcard_and_no_code(person: Walker, care_identity: StandIn) -> None:
    agent = holder("Jess", is_staff=True)
    PhoneApp.of(agent)
    person.open("/admin/")
    log_in_from_here(person, care_identity, JESS)
    assert person.path == "/admin/"
    assert person.heading == "Helpdesk"


def test_a_smartcard_lifts_a_lock_and_the_password_works_again(somebody: TypeOfPerson, care_identity: StandIn) -> None:
    person, user = somebody(), holder("Amina")
    lock(user)
    doing.log_in_here(person, user)
    assert person.heading == "Login to ESR", "the right password does not open a locked username"
    log_in_from_here(person, care_identity, AMINA)
    assert person.path == "/my-esr/"
    assert not lockout.is_locked(username=user.username)
    elsewhere = somebody()
    doing.log_in_here(elsewhere, user)
    assert elsewhere.path == "/my-esr/"


def is_above(person: Walker, upper: str, lower: str) -> bool:
    """Return whether one button stands higher up on the page than another."""
    above, below = (person.button(name).bounding_box() for name in (upper, lower))
    assert above
    assert below
    return above["y"] < below["y"]
