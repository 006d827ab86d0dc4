"""The log-in page with both ways in: username and password, and Care Identity."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

from tests.support import addresses
from tests.support.at_care_identity import START
from tests.support.openid_provider import OpenIDProvider
from tests.support.steps import PortalClient

pytestmark = pytest.mark.django_db

BY_PASSWORD, BY_CARE_IDENTITY = "Log in via Username Password", "Log in with my Care Identity"
FORGET = "Forget my selection"


def page(client: PortalClient) -> BeautifulSoup:
    answer = client.get("/log-in/", {"next": "/internet-access/"})
    assert answer.status_code == 200
    return BeautifulSoup(answer.content, "html.parser")


def buttons(shown: BeautifulSoup) -> list[str]:
    """Return the buttons of the page's own forms, from top to bottom."""
    return [button.get_text(strip=True) for button in shown.select("main form button")]


def ways(shown: BeautifulSoup) -> list[str]:
    return [words for words in buttons(shown) if words in {BY_PASSWORD, BY_CARE_IDENTITY, FORGET}]


def test_both_ways_are_there_as_the_guide_words_them(client: PortalClient, openid_provider: OpenIDProvider) -> None:
    shown = page(client)
    assert ways(shown) == [BY_PASSWORD, BY_CARE_IDENTITY]
    assert len(shown.select("h1")) == 1
    (tick,) = shown.select('input[name="remember"]')
    (label,) = shown.select(f'label[for="{tick["id"]}"]')
    assert label.get_text(strip=True) == "Remember my selection"
    said = " ".join(shown.get_text().split())
    assert "Some organisations also take an authenticator app or NHS.net Connect." in said
    # Two kinds of passkey on one page: each says whose it is.
    assert "A passkey or Windows Hello that belongs to your Care Identity works here too." in said
    assert "Or with a passkey for ESR This is for a passkey that you created in ESR." in said
    assert not tick.has_attr("checked")


def test_the_remembered_way_comes_first(client: PortalClient, openid_provider: OpenIDProvider) -> None:
    client.post(START, {"remember": "on"})
    shown = page(client)
    assert ways(shown) == [BY_CARE_IDENTITY, FORGET, BY_PASSWORD]
    assert not shown.select('input[name="remember"]')


def test_one_button_stands_out(client: PortalClient, openid_provider: OpenIDProvider) -> None:
    for first in (BY_PASSWORD, BY_CARE_IDENTITY):
        plain = [b for b in page(client).select("main form button") if "nhsuk-button--secondary" not in b["class"]]
        assert [b.get_text(strip=True) for b in plain if b.get_text(strip=True) in {BY_PASSWORD, BY_CARE_IDENTITY}] == [
            first
        ]
        client.post(START, {"remember": "on"})


@pytest.mark.parametrize("remembered", [False, True])
def test_all_lead_to_the_page_that_was_wanted(
    client: PortalClient, openid_provider: OpenIDProvider, remembered: bool
) -> None:
    if remembered:
        client.post(START, {"remember": "on"})
    wanted = [field["value"] for field in page(client).select('main form input[name="next"]')]
    assert wanted == ["/internet-access/"] * 3


def test_no_two_things_on_it_have_one_name(client: PortalClient, openid_provider: OpenIDProvider) -> None:
    names = [str(element["id"]) for element in page(client).select("[id]")]
    assert len(names) == len(set(names))


def test_a_wrong_password_leaves_the_other_way_open(client: PortalClient, openid_provider: OpenIDProvider) -> None:
    answer = client.post("/log-in/", {"username": "999NOBODY01", "password": "not the right one"})
    assert BY_CARE_IDENTITY in answer.text


def test_a_cookie_that_says_something_else_is_passed_over(
    client: PortalClient, openid_provider: OpenIDProvider
) -> None:
    client.cookies["__Host-way-in"] = "<script>"
    assert ways(page(client)) == [BY_PASSWORD, BY_CARE_IDENTITY]
    assert "<script>alert" not in str(page(client))


def test_nothing_is_said_of_it_where_it_is_not_offered(client: PortalClient) -> None:
    client.cookies["__Host-way-in"] = "care-identity"
    shown = page(client)
    assert ways(shown) == [BY_PASSWORD]
    assert "Care Identity" not in shown.get_text()
    assert not shown.select('[action^="/care-identity/"]')


# Leaving Care Identity ends what began while it was offered.
OFFERED = [a for a in addresses.ours() if a.name.startswith("care_identity_") and a.name != "care_identity_log_out"]


@pytest.mark.parametrize("address", OFFERED, ids=lambda address: address.name)
def test_its_addresses_are_not_there_where_it_is_not_offered(client: PortalClient, address: addresses.Address) -> None:
    answers = {client.get(address.path).status_code, client.post(address.path).status_code}
    assert answers <= {404, 405}
    assert 404 in answers
