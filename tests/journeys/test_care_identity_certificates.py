"""A card that is a real client certificate in the browser."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import pytest

from demo.care_identity.cards import PASSCODE
from tests.journeys.at_care_identity import card_of, go_to_the_card_reader, holder, insert
from tests.journeys.conftest import stand_in_for
from tests.support.browser import PHONE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django import Settings

    from demo.care_identity.cards import Card
    from tests.journeys.conftest import TypeOfPerson
    from tests.support.browser import Walker
    from tests.support.live import LivePortal
    from tests.support.stand_in import StandIn

AMINA, MONA = card_of("Amina"), card_of("Mona")


@pytest.fixture(scope="module")
def at_localhost(running_portal: LivePortal) -> LivePortal:
    """Return the portal under a name that Playwright can look up: it is Playwright that shows certificates."""
    same = copy.copy(running_portal)
    same.url = same.inner_url
    return same


@pytest.fixture
def portal(at_localhost: LivePortal, transactional_db: None, settings: Settings) -> LivePortal:
    """Return the running portal, with an empty database."""
    settings.BASE_URL = at_localhost.url
    return at_localhost


@pytest.fixture(scope="module")
def running_care_identity(at_localhost: LivePortal, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    """Return a stand-in for the portal under that name."""
    with stand_in_for(at_localhost, state=tmp_path_factory.mktemp("care-identity")) as running:
        yield running


def with_card(somebody: TypeOfPerson, care_identity: StandIn, card: Card) -> Walker:
    """Return a person whose browser has imported the file of a card, as the stand-in offers it."""
    file = care_identity.answer(f"/cards/{card.uid}.p12").content
    return somebody(
        client_certificates=[{"origin": care_identity.card_origin, "pfx": file, "passphrase": PASSCODE}],
    )


def use_the_card_in_the_browser(person: Walker, care_identity: StandIn, *, status: int = 200) -> None:
    """Log in with what the browser holds."""
    go_to_the_card_reader(person, care_identity)
    person.page.get_by_text("Use a real card (client certificate)").click()
    person.follow("Log in with the card in my browser", status=status)


def test_a_client_certificate_logs_in(somebody: TypeOfPerson, care_identity: StandIn) -> None:
    user, person = holder("Amina"), with_card(somebody, care_identity, AMINA)
    use_the_card_in_the_browser(person, care_identity)
    assert person.path == "/my-esr/"
    person.sees("Amina Okafor", user.username)


def test_a_client_certificate_of_a_cancelled_card_does_not(somebody: TypeOfPerson, care_identity: StandIn) -> None:
    person = with_card(somebody, care_identity, MONA)
    use_the_card_in_the_browser(person, care_identity, status=403)
    assert person.heading == "You cannot log in with this card"
    person.sees("This card was cancelled")


def test_without_a_certificate_a_page_says_how_to_get_one(somebody: TypeOfPerson, care_identity: StandIn) -> None:
    person, _ = somebody(size=PHONE), holder("Amina")
    use_the_card_in_the_browser(person, care_identity, status=403)
    assert person.heading == "No smartcard was found"
    person.follow("Get a card for your browser")
    assert person.heading == "Demo cards"
    with person.page.expect_download() as download:
        person.page.get_by_role("link", name=f"Get {AMINA.uid}.p12").click()
    assert download.value.suggested_filename == f"{AMINA.uid}.p12"
    person.back(status=403)
    person.follow("Use a demo card with its passcode")
    insert(person, AMINA)
    assert person.path == "/my-esr/"
