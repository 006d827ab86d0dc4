"""Care Identity fails, is slow or changes its keys: people see a page that says what to do, and do not wait for it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from accounts.models import SecurityEvent
from accounts.models.security_event import Event
from care_identity.services import provider
from care_identity.services.http import REST
from tests.journeys import doing
from tests.journeys.at_care_identity import LOG_IN, card_of, come_back, come_in, go, holder, log_in_from_here, select

if TYPE_CHECKING:
    from tests.journeys.conftest import TypeOfPerson
    from tests.support.browser import Walker
    from tests.support.stand_in import StandIn
    from tests.support.travel import Travel

AMINA = card_of("Amina")
NOT_ANSWERING = "Care Identity is not answering"
AGAIN = "Try again with my Care Identity"
# Seconds: a page comes before a slow Care Identity answers, which takes ten, also where the machine is busy.
LONGEST_WAIT = 9


def press_and_wait(person: Walker, button: str) -> float:
    """Press a button and look at the page that comes; return how many seconds it took to come."""
    pressed = time.monotonic()
    with person.page.expect_navigation(wait_until="commit"):
        doing.tap(person, person.button(button))
    took = time.monotonic() - pressed
    person.look(f"press {button}")
    return took


def test_it_is_slow_on_the_way_there_and_works_the_next_time(
    person: Walker, care_identity: StandIn, travel: Travel
) -> None:
    holder("Amina")
    care_identity.misbehave("discovery-slow")
    person.open("/log-in/")
    # Once it was slow it is left alone for a while, which is over when the clock comes back.
    travel(seconds=-REST - 1)
    assert press_and_wait(person, LOG_IN) < LONGEST_WAIT
    assert person.heading == NOT_ANSWERING
    travel.back()
    log_in_from_here(person, care_identity, AMINA, button=AGAIN)
    assert person.path == "/my-esr/"


def test_it_fails_on_the_way_back(person: Walker, care_identity: StandIn) -> None:
    holder("Amina")
    person.open("/log-in/")
    go(person, care_identity)
    # The slow one comes last: it is left alone for a while after that.
    for kind in ("keys-down", "userinfo-html", "token-slow"):
        select(person, "Smartcard")
        care_identity.misbehave(kind)
        person.tick(AMINA.name)
        person.fill(passcode="1234")
        assert press_and_wait(person, "OK") < LONGEST_WAIT
        assert person.heading == NOT_ANSWERING, kind
        if kind != "token-slow":
            go(person, care_identity, button=AGAIN)
    person.open("/my-esr/")
    assert person.heading == "Login to ESR"


def test_slowness_is_not_waited_for_twice(person: Walker, care_identity: StandIn) -> None:
    care_identity.misbehave("discovery-slow", once=False)
    person.open("/log-in/")
    assert press_and_wait(person, LOG_IN) < LONGEST_WAIT
    person.press(AGAIN)
    assert person.heading == NOT_ANSWERING
    reasons = SecurityEvent.objects.filter(event=Event.CARE_IDENTITY_REFUSED).order_by("pk")
    assert [each.reason for each in reasons] == ["provider_too_slow", "provider_resting"]


def test_keys_that_changed_since_they_were_read_are_read_again(somebody: TypeOfPerson, care_identity: StandIn) -> None:
    first, second, user = somebody(), somebody(), holder("Amina")
    come_back(first, care_identity, AMINA)
    care_identity.misbehave("rotated-keys")
    come_back(second, care_identity, AMINA)
    assert second.path == "/my-esr/"
    second.sees(user.username)


def test_who_cannot_be_logged_out_of_care_identity_learns_what_to_do(person: Walker, care_identity: StandIn) -> None:
    come_in(person, holder("Amina"), AMINA)
    person.press("Log out")
    provider.forget()
    care_identity.misbehave("discovery-down")
    person.press("Log out of Care Identity")
    assert person.heading == "You may still be logged in to Care Identity"
    person.sees("take out your smartcard, if you used one, and close the browser")


def test_who_is_logged_in_does_not_notice_that_care_identity_is_down(person: Walker, care_identity: StandIn) -> None:
    come_in(person, holder("Amina"), AMINA)
    provider.forget()
    care_identity.misbehave("discovery-down", once=False)
    person.open("/internet-access/")
    person.press("Log out")
    assert person.heading == "You are logged out"
