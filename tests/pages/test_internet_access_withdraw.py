"""Withdrawing internet access, on a page of its own."""

from __future__ import annotations

import pytest

from accounts.models import OutboxMessage, SecurityEvent, User
from accounts.models.outbox import Kind
from accounts.models.security_event import Event
from accounts.services import internet_access
from tests.pages.test_internet_access import ADDRESS, OFFERED, words
from tests.support.care_identity import OUTSIDE, link, log_in_by_care_identity, trust
from tests.support.factories import PASSWORD, make_user
from tests.support.steps import PortalClient, about_in, log_in, send, stay_logged_in
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db

WITHDRAW = "/internet-access/withdraw/"


@pytest.fixture
def granted() -> User:
    """Return a person with internet access and a smartcard."""
    user = link(make_user())
    trust(user.organisation)
    internet_access.grant_by_helpdesk(user=user, by=make_user())
    OutboxMessage.objects.all().delete()
    return user


@pytest.fixture
def at_work(client: PortalClient, granted: User) -> PortalClient:
    """Return their browser at work, just logged in with the smartcard."""
    return log_in_by_care_identity(client, granted)


def is_on(user: User) -> bool:
    user.refresh_from_db()
    return internet_access.status(user=user) is internet_access.Status.ON


def test_it_asks_first_and_says_what_will_be(at_work: PortalClient, granted: User) -> None:
    seen = words(at_work, WITHDRAW)
    assert (
        f"your username {granted.username} and its password work only on the network of Northern Test Hospitals" in seen
    )
    assert is_on(granted)


def test_then_the_password_works_inside_alone(at_work: PortalClient, other_client: PortalClient, granted: User) -> None:
    assert send(at_work, WITHDRAW)["Location"] == ADDRESS
    assert "Withdrawn on" in words(at_work)
    log_in(other_client, granted)
    away = PortalClient()
    away.defaults["REMOTE_ADDR"] = OUTSIDE
    assert away.post("/log-in/", {"username": granted.username, "password": PASSWORD}).status_code == 200


def test_it_ends_what_was_begun_with_the_password_and_nothing_else(
    at_work: PortalClient, other_client: PortalClient, granted: User
) -> None:
    log_in(other_client, granted)
    another = log_in_by_care_identity(PortalClient(), granted)
    send(at_work, WITHDRAW)
    assert other_client.get("/my-esr/").status_code == 302
    assert [client.get("/my-esr/").status_code for client in (at_work, another)] == [200, 200]


def test_it_is_recorded_and_told_by_mail_once(at_work: PortalClient, granted: User) -> None:
    for _ in range(2):
        send(at_work, WITHDRAW)
    events = SecurityEvent.objects.filter(user=granted, event=Event.INTERNET_ACCESS_WITHDRAWN)
    assert events.count() == 1
    assert [row.kind for row in OutboxMessage.objects.all()] == [Kind.INTERNET_ACCESS_WITHDRAWN]


def test_whoever_has_none_is_sent_back(client: PortalClient) -> None:
    person = link(make_user())
    trust(person.organisation)
    log_in_by_care_identity(client, person)
    assert client.get(WITHDRAW)["Location"] == ADDRESS
    send(client, WITHDRAW)
    assert not OutboxMessage.objects.exists()


def test_a_page_that_goes_stale_while_it_is_open_withdraws_nothing_and_says_so(
    at_work: PortalClient, granted: User, travel: Travel
) -> None:
    shown = about_in(at_work.get(WITHDRAW))
    travel(minutes=14)
    stay_logged_in(at_work, granted)
    travel(minutes=2)
    assert at_work.get(WITHDRAW)["Location"] == ADDRESS
    assert at_work.post(WITHDRAW, shown)["Location"] == ADDRESS
    with OFFERED:
        assert "Nothing was changed" in words(at_work)
    assert is_on(granted)
