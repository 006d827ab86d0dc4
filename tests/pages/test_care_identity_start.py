"""The button "Log in with my Care Identity", and the page that leads there."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from bs4 import BeautifulSoup

from accounts.models import SecurityEvent, Session
from tests.support.at_care_identity import AGAIN, REFUSED, START, address_in
from tests.support.factories import make_user
from tests.support.openid_provider import OpenIDProvider
from tests.support.openid_server import Answer
from tests.support.steps import PortalClient, log_in

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", [START, AGAIN])
def test_a_page_leads_to_care_identity_by_itself_and_by_a_button(
    client: PortalClient, openid_provider: OpenIDProvider, path: str
) -> None:
    answer = client.post(path)
    address = address_in(answer)
    assert address.startswith(f"{openid_provider.issuer}/authorization?")
    page = BeautifulSoup(answer.content, "html.parser")
    assert page.title
    assert page.title.get_text() == "Taking you to Care Identity – ESR Portal"
    assert [h1.get_text() for h1 in page.select("h1")] == ["Taking you to Care Identity"]
    (button,) = page.select("main a.nhsuk-button")
    assert (button.get_text(strip=True), button["href"]) == ("Continue", address)
    assert answer.headers["Cache-Control"] == "no-store"
    # The address of the page before stays with us.
    assert answer.headers["Referrer-Policy"] == "same-origin"


def test_care_identity_is_asked_what_the_configuration_says(
    client: PortalClient, openid_provider: OpenIDProvider, settings: Any
) -> None:
    settings.CARE_IDENTITY_ACR_VALUES = "AAL3_ANY"
    asked = parse_qs(urlsplit(address_in(client.post(START))).query)
    state, nonce, challenge = asked.pop("state"), asked.pop("nonce"), asked.pop("code_challenge")
    assert len({*state, *nonce, *challenge}) == 3
    assert asked == {
        "response_type": ["code"],
        "client_id": ["esr-portal-tests.apps.national"],
        "redirect_uri": ["https://esr.example.nhs.uk/care-identity/callback/"],
        "scope": ["openid profile nationalrbacaccess"],
        "acr_values": ["AAL3_ANY"],
        "prompt": ["login"],
        "code_challenge_method": ["S256"],
    }


def test_each_log_in_has_its_own_secrets(client: PortalClient, openid_provider: OpenIDProvider) -> None:
    asked = [parse_qs(urlsplit(address_in(client.post(START))).query) for _ in range(2)]
    for name in ("state", "nonce", "code_challenge"):
        assert asked[0][name] != asked[1][name]


def test_who_shows_it_again_is_asked_now(client: PortalClient, openid_provider: OpenIDProvider) -> None:
    asked = parse_qs(urlsplit(address_in(client.post(AGAIN))).query)
    assert asked["max_age"] == ["0"]


def test_a_tick_has_the_browser_remember_this_way_in(client: PortalClient, openid_provider: OpenIDProvider) -> None:
    cookie = client.post(START, {"remember": "on"}).cookies["__Host-way-in"]
    assert cookie.value == "care-identity"
    assert cookie["secure"]
    assert cookie["httponly"]
    assert (cookie["samesite"], cookie["path"], cookie["domain"]) == ("Lax", "/", "")
    assert cookie["max-age"] == 365 * 24 * 60 * 60


def test_without_a_tick_nothing_is_remembered(client: PortalClient, openid_provider: OpenIDProvider) -> None:
    (name,) = client.post(START).cookies
    assert re.fullmatch("__Host-c[0-9a-f]{16}", name)


def test_what_was_remembered_stays_until_it_is_forgotten(client: PortalClient, openid_provider: OpenIDProvider) -> None:
    client.post(START, {"remember": "on"})
    client.post(START)
    assert client.cookies["__Host-way-in"].value == "care-identity"


def test_it_is_remembered_also_where_care_identity_does_not_answer(
    client: PortalClient, openid_provider: OpenIDProvider
) -> None:
    openid_provider.stop()
    answer = client.post(START, {"remember": "on"})
    assert answer.headers["Location"] == REFUSED
    assert answer.cookies["__Host-way-in"].value == "care-identity"


def test_nothing_is_written_down_of_somebody_who_only_goes_there(
    client: PortalClient, openid_provider: OpenIDProvider
) -> None:
    client.post(START)
    assert not SecurityEvent.objects.exists()
    assert [*Session.objects.values_list("user_id", "care_identity_uid")] == []


def test_whoever_is_in_stays_in(client: PortalClient, openid_provider: OpenIDProvider) -> None:
    user = make_user()
    log_in(client, user)
    client.post(START)
    assert client.get("/my-esr/").context["person"] == user


def test_going_there_takes_few_queries(
    client: PortalClient, openid_provider: OpenIDProvider, django_assert_num_queries: Any
) -> None:
    """A stranger can go there as often as they like."""
    with django_assert_num_queries(0):
        client.post(START)
    with django_assert_num_queries(0):
        client.post(START)


def test_care_identity_is_asked_once_an_hour_where_to_go(client: PortalClient, openid_provider: OpenIDProvider) -> None:
    for _ in range(3):
        PortalClient().post(START)
    assert [asked.path for asked in openid_provider.requests] == ["/.well-known/openid-configuration"]


def test_a_care_identity_that_fails_is_explained(client: PortalClient, openid_provider: OpenIDProvider) -> None:
    openid_provider.answers["/.well-known/openid-configuration"] = Answer(status=503)
    answer = client.post(START, follow=True)
    assert answer.redirect_chain == [(REFUSED, 302)]
    assert "Care Identity is not answering" in answer.text
    assert SecurityEvent.objects.get().reason == "provider_answered_503"
