"""A person who has just used their smartcard asks in My ESR for another email address on their record."""

from __future__ import annotations

import pytest

from accounts.models import GivenAddress, User
from tests.support.care_identity import an_app, let_apps_in, link, log_in_by_care_identity
from tests.support.corrections import NEW_EMAIL, asked_by_card
from tests.support.factories import make_user
from tests.support.steps import PortalClient, about_in, come_in, send
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db

PAGE, BACK = "/my-esr/email-address/", "/my-esr/email-address/take-back/"
BOX = 'name="email"'


@pytest.fixture
def with_card(client: PortalClient, user: User) -> PortalClient:
    """Return the browser of a person who has just logged in with their smartcard."""
    return log_in_by_care_identity(client, link(user))


def test_my_esr_leads_there(with_card: PortalClient) -> None:
    assert f'href="{PAGE}"' in with_card.get("/my-esr/").text


def test_it_is_asked_for_and_mailed_a_link(with_card: PortalClient, user: User) -> None:
    shown = with_card.get(PAGE).text
    assert BOX in shown
    assert user.email not in shown
    answer = send(with_card, PAGE, {"email": NEW_EMAIL.upper()})
    assert "We sent a link to that address." in with_card.get(answer["Location"]).text
    assert f"You asked for <strong>{NEW_EMAIL}</strong>. It is not confirmed yet" in with_card.get(PAGE).text
    assert GivenAddress.objects.get().confirmed_at is None


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("", "Enter the new email address"),
        ("jo", "Enter an email address in the correct format"),
        ("jo@home.example", "Enter an address that your organisation gave you"),
    ],
)
def test_what_cannot_be_taken_is_said(with_card: PortalClient, typed: str, says: str) -> None:
    assert says in send(with_card, PAGE, {"email": typed}).text
    assert not GivenAddress.objects.exists()


def test_the_address_on_record_is_said_to_be_there(with_card: PortalClient, user: User) -> None:
    assert "This address is on your record already" in send(with_card, PAGE, {"email": user.email}).text


def test_a_password_alone_asks_for_nothing_and_reads_how_to_ask(client: PortalClient, user: User) -> None:
    come_in(client, user)
    shown = client.get(PAGE).text
    assert "You did not log in with your Care Identity." in shown
    assert user.organisation.support_email in shown
    assert BOX not in shown
    send(client, PAGE, {"email": NEW_EMAIL})
    assert not GivenAddress.objects.exists()


def test_nor_does_a_smartcard_of_a_quarter_of_an_hour_ago(with_card: PortalClient, travel: Travel) -> None:
    shown = about_in(with_card.get(PAGE))
    travel(minutes=16)
    with_card.get("/my-esr/")
    with_card.post(PAGE, {"email": NEW_EMAIL, **shown})
    assert not GivenAddress.objects.exists()


def test_nor_an_app_of_care_identity(client: PortalClient) -> None:
    user = let_apps_in(link(make_user()))
    log_in_by_care_identity(client, user, an_app())
    assert "but not with a smartcard" in client.get(PAGE).text


def test_while_one_waits_there_is_no_box_and_it_can_be_taken_back(with_card: PortalClient, user: User) -> None:
    asked_by_card(user)
    page = with_card.get(PAGE)
    assert BOX not in page.text
    assert "Your organisation’s ESR helpdesk decides about it." in page.text
    send(with_card, PAGE, {"email": "other@nhs.net"})
    assert GivenAddress.objects.get().email == NEW_EMAIL
    assert with_card.get(BACK)["Location"] == PAGE
    assert GivenAddress.objects.exists()
    answer = with_card.post(BACK, about_in(page))
    assert "You took it back." in with_card.get(answer["Location"]).text
    assert not GivenAddress.objects.exists()


def test_a_stranger_is_sent_to_the_log_in_page_and_stores_nothing(client: PortalClient) -> None:
    for answer in (client.get(PAGE), client.post(PAGE, {"email": NEW_EMAIL}), client.post(BACK)):
        assert answer["Location"].startswith("/log-in/")
    assert not GivenAddress.objects.exists()
