"""A log-in in a browser that is new to its person is told by mail."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts import trusted_networks
from accounts.models import OutboxMessage, User
from accounts.models.outbox import Kind
from accounts.models.security_event import Event
from accounts.services import events, new_browser, recovery
from tests.support.care_identity import log_in_by_care_identity
from tests.support.factories import NEW_PASSWORD, PASSWORD, make_user
from tests.support.links import link_token
from tests.support.remembered_browsers import CHROME
from tests.support.smtp import Inbox
from tests.support.steps import PortalClient, log_in
from tests.support.threads import all_at_once
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db


@pytest.fixture
def jo(client: PortalClient) -> User:
    """Return a person who has logged in with `client` before."""
    user = make_user()
    log_in(client, user)
    client.post("/log-out/")
    return user


def told() -> int:
    return OutboxMessage.objects.filter(kind=Kind.NEW_BROWSER).count()


def again(client: PortalClient, user: User, **more: str) -> int:
    """Log in and out; return how many mails there are by now."""
    assert client.post("/log-in/", {"username": user.username, "password": PASSWORD, **more}).status_code == 302
    assert client.post("/log-out/").status_code == 302
    return told()


def test_the_first_log_in_ever_and_a_known_browser_are_not_told_and_a_new_one_is(
    client: PortalClient, jo: User, deliver_mail: Callable[[], None], inbox: Inbox
) -> None:
    assert told() == 0
    assert again(client, jo) == 0
    elsewhere = PortalClient()
    elsewhere.defaults["HTTP_USER_AGENT"] = CHROME
    assert again(elsewhere, jo) == 1
    assert again(elsewhere, jo) == 1
    deliver_mail()
    mail = inbox.only()
    assert mail.subject == "A new browser was used for your ESR account"
    assert "Device: Chrome on Windows\nNetwork: another network\n" in mail.text


def test_a_known_browser_stays_known_after_a_recovery(client: PortalClient, jo: User) -> None:
    """Its device cookie has no counter of its own any more, but its person is not told of their own browser."""
    recovery.use(link_id=recovery.link_for(token=link_token(jo)).pk, password=NEW_PASSWORD)
    log_in(client, jo, NEW_PASSWORD)
    assert told() == 0


def test_three_a_day_are_enough(jo: User, travel: Travel) -> None:
    """Private windows are new each time."""
    assert [again(PortalClient(), jo) for _ in range(5)] == [1, 2, 3, 3, 3]
    other = make_user()
    again(PortalClient(), other)
    assert again(PortalClient(), other) == 4, "each person has their own three"
    travel(days=1)
    assert again(PortalClient(), jo) == 5


def test_computers_that_people_share_are_not_told_in_the_organisations_networks(jo: User) -> None:
    trusted_networks.SHARED.forget()
    assert again(PortalClient(), jo, shared="on") == 1, "a shared computer elsewhere is"
    network = jo.organisation.trusted_networks.create(network="127.0.0.0/8")
    assert again(PortalClient(), jo, shared="on") == 1
    assert again(PortalClient(), jo) == 2, "a computer of their own at work is"
    network.is_shared = True
    network.save()
    trusted_networks.SHARED.forget()
    assert again(PortalClient(), jo) == 2
    trusted_networks.SHARED.forget()


def test_care_identity_is_not_told_of(user: User) -> None:
    """It is a card in the hand, at whichever computer."""
    for _ in range(2):
        log_in_by_care_identity(PortalClient(), user)
    assert told() == 0


def test_the_cost(jo: User, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with events.coming_from(events.Origin(address="192.0.2.7")):
        event = events.record(event=Event.LOGGED_IN, user_id=jo.pk)
    jo.refresh_from_db()
    assert not trusted_networks.SHARED.hold("192.0.2.7")
    with django_assert_num_queries(3):
        assert new_browser.tell(user=jo, event=event, shared=False)
    with django_assert_num_queries(4):
        assert new_browser.tell(user=jo, event=event, shared=True)


@pytest.mark.django_db(transaction=True)
def test_many_at_once_are_three_at_most() -> None:
    jo = make_user()
    recorded = [events.record(event=Event.LOGGED_IN, user_id=jo.pk) for _ in range(9)]
    outcomes = all_at_once([partial(new_browser.tell, user=jo, event=event, shared=False) for event in recorded[1:]])
    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert 1 <= told() <= 3
