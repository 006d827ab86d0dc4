"""People who are known to Care Identity and not let into ESR: each page says why, and what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounts.models import SecurityEvent
from accounts.models.security_event import Event
from tests.journeys.at_care_identity import APP, card_of, come_back, go, holder, insert, log_in_with_app, select
from tests.support.browser import DESKTOP, PHONE
from tests.support.factories import make_organisation

if TYPE_CHECKING:
    from tests.journeys.conftest import TypeOfPerson
    from tests.support.browser import Walker
    from tests.support.stand_in import StandIn

AMINA, GRACE, KIM, LIAM = card_of("Amina"), card_of("Grace"), card_of("Kim"), card_of("Liam")


def reasons() -> list[str]:
    return list(SecurityEvent.objects.filter(event=Event.CARE_IDENTITY_REFUSED).values_list("reason", flat=True))


def nobody_is_logged_in(person: Walker) -> bool:
    person.open("/my-esr/")
    return person.heading == "Login to ESR"


def test_who_is_not_linked_learns_their_number_and_whom_to_tell(somebody: TypeOfPerson, care_identity: StandIn) -> None:
    person = somebody(size=PHONE, also=[DESKTOP])
    make_organisation()
    come_back(person, care_identity, KIM)
    assert person.heading == "Your Care Identity is not linked to ESR"
    person.sees(KIM.uid, "your name and ESR number")
    person.press("Find your ESR contact")
    person.field("Name of your organisation").fill("Northern")
    person.press("Search")
    person.sees("1 organisation found")
    assert reasons() == ["not_linked"]
    assert nobody_is_logged_in(person)


def test_an_app_is_too_little_where_the_organisation_wants_more(somebody: TypeOfPerson, care_identity: StandIn) -> None:
    person, user = somebody(size=PHONE, also=[DESKTOP]), holder("Amina")
    assert user.organisation.care_identity_level == 3
    log_in_with_app(person, care_identity, AMINA)
    assert person.heading == "Use your smartcard to log in"
    assert nobody_is_logged_in(person)
    person.back()
    go(person, care_identity, button="Try again with my Care Identity")
    select(person, "Smartcard")
    insert(person, AMINA)
    assert person.path == "/my-esr/"


def test_with_two_employers_an_app_opens_the_one_that_allows_it(person: Walker, care_identity: StandIn) -> None:
    strict = holder("Ewa")
    allowed = holder(
        "Ewa", organisation=make_organisation(code="998", name="Southern Test Trust", care_identity_level=2)
    )
    come_back(person, care_identity, card_of("Ewa"), method=APP)
    assert person.path == "/my-esr/"
    person.sees(allowed.username)
    person.does_not_see(strict.username)


def test_a_security_key_is_enough_to_log_in(person: Walker, care_identity: StandIn) -> None:
    holder("Amina")
    person.open("/log-in/")
    go(person, care_identity)
    select(person, "Security key")
    person.tick(AMINA.name)
    person.press("Continue")
    assert person.path == "/my-esr/"


def test_whose_identity_was_not_checked_well_is_not_let_in(person: Walker, care_identity: StandIn) -> None:
    holder("Liam")
    come_back(person, care_identity, LIAM)
    assert person.heading == "Your identity has not been checked closely enough"
    assert nobody_is_logged_in(person)


# What the stand-in does wrong, and what the page says of it.
NOT_BELIEVED = {
    "wrong-key": "We could not check who you are",
    "wrong-state": "Log in again",
    "wrong-code": "Log in again",
    "userinfo-of-somebody-else": "We could not check who you are",
}


def test_an_answer_that_cannot_be_believed_lets_nobody_in_and_the_next_one_does(
    person: Walker, care_identity: StandIn
) -> None:
    holder("Amina")
    for kind, heading in NOT_BELIEVED.items():
        care_identity.misbehave(kind)
        come_back(person, care_identity, AMINA)
        assert person.heading == heading, kind
    go(person, care_identity, button="Try again with my Care Identity")
    select(person, "Smartcard")
    insert(person, AMINA)
    assert person.path == "/my-esr/"
