"""The page behind the link to a leaver: what they may still do, for a while, without a log-in and their record."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from django.contrib.auth import SESSION_KEY

from accounts.models import GivenAddress, Organisation
from tests.support.factories import DATE_OF_BIRTH
from tests.support.leavers import PAYSLIPS, PERSONAL, WORDS, ask, make_leaver, with_address
from tests.support.steps import PortalClient, about_in, come_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from accounts.models import User
    from tests.support.smtp import Inbox
    from tests.support.travel import Travel

pytestmark = pytest.mark.django_db

PAGE = "/after-leaving/"


@pytest.fixture
def leaver() -> User:
    user = make_leaver(days=-21)
    with_address(user)
    return user


@pytest.fixture
def path(leaver: User, inbox: Inbox, deliver_mail: Callable[[], None]) -> str:
    """Return where the link leads that was mailed to the leaver."""
    ask(PERSONAL, DATE_OF_BIRTH)
    deliver_mail()
    [link] = inbox.only().links
    return urlsplit(link).path


def show(client: PortalClient, path: str) -> str:
    """Open the link and press Show; return the page."""
    asked = client.get(path)["Location"]
    answer = client.post(asked, about_in(client.get(asked)))
    assert answer["Location"] == PAGE
    return client.get(PAGE).text


def test_it_says_where_payslips_are_asked_for_and_nothing_of_the_record(
    client: PortalClient, leaver: User, path: str
) -> None:
    shown = show(client, path)
    for said in ("Northern Test Hospitals", PAYSLIPS, WORDS, leaver.organisation.support_email):
        assert said in shown
    for fact in (leaver.username, leaver.get_full_name(), leaver.employee_number, leaver.email, PERSONAL):
        assert fact not in shown
    assert f'href="mailto:{PAYSLIPS}?' in shown


def test_a_web_address_is_a_link(client: PortalClient, path: str) -> None:
    Organisation.objects.update(payslip_address="https://payslips.north.nhs.example/leavers")
    assert 'href="https://payslips.north.nhs.example/leavers"' in show(client, path)


def test_what_the_organisation_writes_is_no_markup(client: PortalClient, path: str) -> None:
    Organisation.objects.update(payslip_words="<script>alert(1)</script>\nSecond line")
    shown = show(client, path)
    assert "<script>alert" not in shown
    assert "<br>Second line" in shown


def test_opening_the_link_uses_nothing_up_and_one_press_does(client: PortalClient, path: str) -> None:
    """Mail scanners open links."""
    for method in (client.head, client.get, client.get):
        opened = method(path)
        assert opened["Referrer-Policy"] == "no-referrer"
        assert "Show" in client.get(opened["Location"]).text
    assert path.split("/")[-2] not in opened["Location"]
    show(client, path)
    other = PortalClient()
    assert other.get(other.get(path)["Location"]).status_code == 410


def test_it_is_shown_in_that_browser_for_fifteen_minutes(client: PortalClient, path: str, travel: Travel) -> None:
    show(client, path)
    assert PortalClient().get(PAGE).status_code == 410
    travel(minutes=14)
    assert client.get(PAGE).status_code == 200
    travel(minutes=2)
    assert client.get(PAGE).status_code == 410


def test_closing_it_leaves_nothing_for_the_next_person(client: PortalClient, path: str) -> None:
    show(client, path)
    client.post("/after-leaving/close/")
    assert client.get(PAGE).status_code == 410


def test_it_is_over_as_soon_as_the_address_is_erased(client: PortalClient, path: str) -> None:
    show(client, path)
    GivenAddress.objects.all().delete()
    assert client.get(PAGE).status_code == 410


def test_it_is_no_session_of_an_account(client: PortalClient, path: str) -> None:
    show(client, path)
    assert SESSION_KEY not in client.session
    assert client.get("/my-esr/").status_code == 302


def test_a_person_who_is_logged_in_stays_so(client: PortalClient, path: str) -> None:
    other = make_leaver(days=5)
    come_in(client, other)
    show(client, path)
    assert client.session[SESSION_KEY] == str(other.pk)


def test_a_link_ends_after_an_hour(client: PortalClient, path: str, travel: Travel) -> None:
    travel(hours=1)
    assert client.get(client.get(path)["Location"]).status_code == 410


@pytest.mark.parametrize("address", [PAGE, f"{PAGE}?about=x", f"{PAGE}link/xyz/", f"{PAGE}link/{'x' * 43}/"])
def test_a_link_that_is_none_is_one_page(client: PortalClient, address: str) -> None:
    answer = client.get(address, follow=True)
    assert answer.status_code == 410
    assert "Ask for a new link" in answer.text


def test_it_is_kept_by_no_cache(client: PortalClient, path: str) -> None:
    show(client, path)
    assert "no-store" in client.get(PAGE)["Cache-Control"]
