"""A person who leaves gives a personal email address in My ESR, confirms it by a link, and erases it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from accounts.models import GivenAddress, Organisation
from accounts.models.given_address import Purpose
from accounts.services import given_addresses
from tests.support.factories import PASSWORD, make_user
from tests.support.leavers import PERSONAL, make_leaver, with_address
from tests.support.steps import PortalClient, about_in, come_in, log_in, send

if TYPE_CHECKING:
    from collections.abc import Callable

    from accounts.models import User
    from tests.support.smtp import Inbox
    from tests.support.travel import Travel

pytestmark = pytest.mark.django_db

PAGE, ERASE = "/my-esr/personal-address/", "/my-esr/personal-address/erase/"
OFFER = "Give a personal email address"


def at(user: User) -> PortalClient:
    """Return the browser of a person who has just logged in with their password."""
    client = PortalClient()
    log_in(client, user)
    return client


def test_my_esr_offers_it_in_the_two_weeks_before_the_last_day(client: PortalClient) -> None:
    assert OFFER in come_in(client, make_leaver()).get("/my-esr/").text
    for other in (make_user(), make_leaver(days=15)):
        assert OFFER not in come_in(PortalClient(), other).get("/my-esr/").text


def test_my_esr_leads_to_one_that_is_confirmed_and_asks_for_no_other(client: PortalClient) -> None:
    user = make_leaver()
    with_address(user)
    page = come_in(client, user).get("/my-esr/").text
    assert OFFER not in page
    assert "See or erase your personal email address" in page
    waiting = make_leaver()
    with_address(waiting, "ann@home.example", confirmed=False)
    assert OFFER in come_in(PortalClient(), waiting).get("/my-esr/").text


def test_it_is_led_to_where_the_organisation_uses_it_no_more(client: PortalClient) -> None:
    """Else its person could not erase it."""
    user = make_leaver()
    with_address(user)
    Organisation.objects.update(payslip_address="")
    assert "See or erase your personal email address" in come_in(client, user).get("/my-esr/").text


def test_it_is_not_offered_where_the_organisation_does_not_use_it(client: PortalClient) -> None:
    user = make_leaver()
    Organisation.objects.update(payslip_address="")
    come_in(client, user)
    assert OFFER not in client.get("/my-esr/").text
    assert "You can give one in the 14 days before your last day" in client.get(PAGE).text
    send(client, PAGE, {"email": PERSONAL})
    assert not GivenAddress.objects.exists()


def test_it_takes_a_proof_of_the_last_five_minutes(travel: Travel) -> None:
    client = at(make_leaver())
    travel(minutes=6)
    shown = about_in(client.get("/my-esr/"))
    for answer in (client.get(PAGE), client.post(PAGE, {"email": PERSONAL, **shown}), client.post(ERASE, shown)):
        assert answer.status_code == 302
        assert answer["Location"].startswith("/my-esr/security/confirm/")
    assert not GivenAddress.objects.exists()
    client.post("/my-esr/security/confirm/", {"current_password": PASSWORD, "next": PAGE, **shown})
    assert client.get(PAGE).status_code == 200


def test_a_visitor_is_sent_to_the_log_in_page(client: PortalClient) -> None:
    assert client.get(PAGE)["Location"].startswith("/log-in/")


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("", "Enter your personal email address"),
        ("jo", "Enter an email address in the correct format, like name@example.com"),
        ("jo@nhs.net", "This address is one of your organisation’s"),
    ],
)
def test_what_cannot_be_taken_is_said(typed: str, says: str) -> None:
    client = at(make_leaver())
    answer = send(client, PAGE, {"email": typed})
    assert says in answer.text
    assert "Error:" in answer.text
    assert not GivenAddress.objects.exists()


def test_the_sixth_of_a_day_is_refused_and_says_so() -> None:
    client = at(make_leaver())
    for _ in range(given_addresses.LINKS_A_DAY):
        assert send(client, PAGE, {"email": PERSONAL}).status_code == 302
    assert "Try again tomorrow" in send(client, PAGE, {"email": PERSONAL}).text


def test_it_is_erased_with_a_press_and_the_person_is_told(inbox: Inbox, deliver_mail: Callable[[], None]) -> None:
    user = make_leaver()
    with_address(user)
    client = at(user)
    page = client.get(PAGE)
    assert client.get(ERASE)["Location"] == PAGE
    assert given_addresses.of(user=user, purpose=Purpose.PERSONAL)
    answer = client.post(ERASE, about_in(page))
    assert "Your personal email address is erased here." in client.get(answer["Location"]).text
    assert given_addresses.of(user=user, purpose=Purpose.PERSONAL) is None
    deliver_mail()
    assert inbox.newest(user.email).subject == "A personal email address was removed from your ESR account"
