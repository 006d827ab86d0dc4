"""Your accounts: another one is opened by the same smartcard, in a browser that stays logged in to the first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from bs4 import BeautifulSoup

from tests.support.at_care_identity import CHOOSE, come_by
from tests.support.care_identity import link
from tests.support.factories import make_organisation, make_user
from tests.support.steps import PortalClient, come_in, send
from tests.support.two_accounts import ask_to_stay, make_southern, person_in, switch

if TYPE_CHECKING:
    from accounts.models import User
    from tests.support.openid_provider import OpenIDProvider

pytestmark = pytest.mark.django_db


@pytest.fixture
def north(client: PortalClient) -> User:
    """Return the person of the account that the browser is logged in to by password, and asked to stay in."""
    person = make_user()
    come_in(client, person)
    ask_to_stay(client)
    return person


def choices(client: PortalClient) -> set[str]:
    page = BeautifulSoup(client.get(CHOOSE).content, "html.parser")
    return {str(field["value"]) for field in page.select("input[name=login]")}


def test_the_other_account_opens_where_the_card_opens_the_first_as_well(
    client: PortalClient, north: User, openid_provider: OpenIDProvider
) -> None:
    south = link(make_southern())
    link(north)
    assert come_by(client, openid_provider).headers["Location"] == "/my-esr/"
    assert person_in(client) == south.pk
    assert switch(client, north)["Location"] == "/my-esr/"
    assert person_in(client) == north.pk


@pytest.mark.parametrize("opens_the_first", [False, True])
def test_of_two_others_one_is_chosen_and_the_first_goes_on(
    client: PortalClient, north: User, openid_provider: OpenIDProvider, opens_the_first: bool
) -> None:
    south = link(make_southern())
    west = link(make_user(organisation=make_organisation(code="997", name="Western Test Hospitals")))
    if opens_the_first:
        link(north)
    assert come_by(client, openid_provider).headers["Location"] == CHOOSE
    assert person_in(client) == north.pk
    assert choices(client) == {str(south.pk), str(west.pk)}
    assert send(client, CHOOSE, {"login": west.pk})["Location"] == "/my-esr/"
    assert person_in(client) == west.pk
    assert switch(client, north)["Location"] == "/my-esr/"


def test_the_first_is_opened_anew_where_the_card_opens_no_other(
    client: PortalClient, north: User, openid_provider: OpenIDProvider
) -> None:
    link(north)
    assert come_by(client, openid_provider).headers["Location"] == "/my-esr/"
    assert person_in(client) == north.pk


def test_who_did_not_ask_to_stay_is_led_to_the_account_that_they_came_from(
    client: PortalClient, north: User, openid_provider: OpenIDProvider
) -> None:
    link(make_southern())
    link(north)
    client.get("/log-in/")
    come_by(client, openid_provider)
    assert person_in(client) == north.pk
