"""What people do at Care Identity in journeys, and whose cards they have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from demo.care_identity.cards import CARDS, PASSCODE, Card
from tests.journeys import doing
from tests.support.at_care_identity import CALLBACK, press
from tests.support.care_identity import link, log_in_by_care_identity, smartcard
from tests.support.factories import make_user
from tests.support.steps import PortalClient

if TYPE_CHECKING:
    from accounts.models import User
    from tests.support.browser import Walker
    from tests.support.stand_in import StandIn

LOG_IN = "Log in with my Care Identity"
CHOOSER = "Log in with your Care Identity"
# As the stand-in's addresses call a method of logging in.
APP = "authenticator-app"


def card_of(given_name: str) -> Card:
    """Return a card by its holder's given name."""
    return next(card for card in CARDS if card.given_name == given_name)


def holder(given_name: str, **facts: Any) -> User:
    """Return a new person whose login the card of that given name opens."""
    card = card_of(given_name)
    return link(make_user(given_name=card.given_name, family_name=card.family_name, **facts), card.uid)


def come_in(person: Walker, user: User, card: Card) -> None:
    """Be logged in with a smartcard, at My ESR: for what is not about how a person logs in with one.

    Care Identity itself knows of no log-in.
    """
    by_card = log_in_by_care_identity(PortalClient(), user, smartcard(uid=card.uid), id_token="a.b.c")
    doing.go_on_from(person, by_card)
    person.open("/my-esr/")


def come_back(person: Walker, care_identity: StandIn, card: Card, *, method: str = "smartcard") -> None:
    """Be where Care Identity leads back to, logged in there by a card or by another method.

    The pages on the way there are left out: for what is about what comes then.
    """
    portal, there = PortalClient(), care_identity.browser()
    proved = there.prove(there.open(press(portal)), card.uid, method=method)
    assert f"{person.url}{CALLBACK}" in proved.address, proved.text
    doing.go_on_from(person, portal)
    for cookie in there.session.cookies:
        person.page.context.add_cookies(
            [{"name": cookie.name, "value": cookie.value or "", "url": care_identity.issuer}]
        )
    person.open(proved.address)


def go(person: Walker, care_identity: StandIn, *, button: str = LOG_IN) -> None:
    """Press the button that leads to Care Identity, and get there."""
    person.press(button, onward=care_identity.issuer)


def select(person: Walker, method: str, *, remember: bool = False) -> None:
    """Select a login method on Care Identity's first page, and continue."""
    assert person.heading == CHOOSER
    person.tick(method)
    if remember:
        person.tick("Remember my selection")
    person.press("Continue")


def insert(person: Walker, card: Card, *, passcode: str = PASSCODE) -> None:
    """Put a card into the reader, type a passcode, and press OK."""
    assert person.heading == "Insert your smartcard"
    person.tick(card.name)
    person.fill(passcode=passcode)
    person.press("OK")


def go_to_the_card_reader(person: Walker, care_identity: StandIn) -> None:
    """Come from the portal's log-in page to the page that asks for a card."""
    person.open("/log-in/")
    go(person, care_identity)
    select(person, "Smartcard")


def log_in(person: Walker, care_identity: StandIn, card: Card) -> None:
    """Log in with a smartcard, from the log-in page on."""
    person.open("/log-in/")
    log_in_from_here(person, care_identity, card)


def log_in_from_here(person: Walker, care_identity: StandIn, card: Card, *, button: str = LOG_IN) -> None:
    """Log in with a smartcard, from a page with a button that leads to Care Identity."""
    go(person, care_identity, button=button)
    select(person, "Smartcard")
    insert(person, card)


def log_in_with_app(person: Walker, care_identity: StandIn, card: Card) -> None:
    """Log in with an authenticator app, from the log-in page on."""
    person.open("/log-in/")
    go(person, care_identity)
    select(person, "Authenticator app")
    person.tick(card.name)
    code = person.page.locator(".demo-code").inner_text()
    person.fill(code_from_your_authenticator_app=code)
    person.press("Continue")
