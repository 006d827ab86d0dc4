"""Changing a password in a session that began with Care Identity: a smartcard stands for the current password."""

from __future__ import annotations

import pytest

from accounts.browser import about
from accounts.models import OutboxMessage, SecurityEvent, User
from accounts.models.outbox import Kind
from accounts.models.security_event import Event
from accounts.services import lockout
from tests.pages.test_recovery_start import errors, page
from tests.support.care_identity import an_app, let_apps_in, link, log_in_by_care_identity
from tests.support.factories import NEW_PASSWORD, PASSWORD, make_user
from tests.support.steps import PortalClient, come_in, send
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db

CHANGE = "/change-password/"
NEW = {"new_password": NEW_PASSWORD}


@pytest.fixture
def with_card(client: PortalClient, user: User) -> PortalClient:
    """Return their browser, just logged in with the smartcard."""
    return log_in_by_care_identity(client, user)


def boxes(client: PortalClient) -> list[str]:
    return [str(box["name"]) for box in page(client.get(CHANGE)).select("main form input[type=password]")]


def test_only_the_new_password_is_asked_for(with_card: PortalClient, user: User) -> None:
    assert boxes(with_card) == ["new_password"]
    assert send(with_card, CHANGE, NEW)["Location"] == "/my-esr/"
    user.refresh_from_db()
    assert user.check_password(NEW_PASSWORD)


def test_it_is_recorded_and_told_by_mail(with_card: PortalClient, user: User) -> None:
    send(with_card, CHANGE, NEW)
    event = SecurityEvent.objects.get(event=Event.PASSWORD_CHANGED, user=user)
    assert event.reason == "care_identity"
    assert OutboxMessage.objects.get(kind=Kind.PASSWORD_CHANGED).about == {"users": [user.pk], "event": event.pk}


def test_this_session_stays_what_it_was_and_the_others_end(
    with_card: PortalClient, other_client: PortalClient, user: User
) -> None:
    come_in(other_client, user)
    send(with_card, CHANGE, NEW)
    assert boxes(with_card) == ["new_password"]
    assert other_client.get("/my-esr/").status_code == 302


def test_it_lifts_a_lock(with_card: PortalClient, user: User) -> None:
    for _ in range(lockout.LIMIT):
        lockout.record_failure(username=user.username)
    send(with_card, CHANGE, NEW)
    assert not lockout.is_locked(username=user.username)


def test_every_rule_holds_here_too(with_card: PortalClient) -> None:
    assert "at least 12 characters" in send(with_card, CHANGE, {"new_password": "short"}).text
    assert "last 4 passwords" in errors(send(with_card, CHANGE, {"new_password": PASSWORD}))["#id_new_password"]
    assert errors(send(with_card, CHANGE)) == {"#id_new_password": "Enter a new password"}


def test_after_fifteen_minutes_the_current_one_is_asked_for_or_the_card_again(
    with_card: PortalClient, user: User, travel: Travel
) -> None:
    travel(minutes=14)
    assert boxes(with_card) == ["new_password"]
    travel(minutes=2)
    assert boxes(with_card) == ["current_password", "new_password"]
    again = page(with_card.get(CHANGE)).select_one('main form[action="/care-identity/again/"]')
    assert again
    assert again.select_one('[name=next][value="/change-password/"]')
    assert errors(send(with_card, CHANGE, NEW)) == {"#id_current_password": "Enter your current password"}
    assert send(with_card, CHANGE, {**NEW, "current_password": PASSWORD})["Location"] == "/my-esr/"


def test_an_app_does_not_stand_for_the_password(client: PortalClient, user: User) -> None:
    log_in_by_care_identity(client, let_apps_in(user), an_app())
    assert boxes(client) == ["current_password", "new_password"]
    assert errors(send(client, CHANGE, NEW)) == {"#id_current_password": "Enter your current password"}


def test_a_password_session_is_offered_no_card(client: PortalClient, user: User) -> None:
    come_in(client, user)
    assert boxes(client) == ["current_password", "new_password"]
    assert not page(client.get(CHANGE)).select('main form[action="/care-identity/again/"]')


def test_whoever_has_no_password_is_sent_to_manage_internet_access(client: PortalClient) -> None:
    user = link(make_user(password=None))
    log_in_by_care_identity(client, user)
    for answer in (client.get(CHANGE), client.post(CHANGE, {**NEW, "about": about.person(user)})):
        assert answer["Location"] == "/internet-access/"
    assert "You have no password yet" in client.get("/internet-access/").text
    user.refresh_from_db()
    assert not user.has_usable_password()


def test_whoever_must_change_it_and_came_with_a_card_is_not_made_to(client: PortalClient) -> None:
    user = link(make_user(must_change_password=True))
    log_in_by_care_identity(client, user)
    assert client.get("/my-esr/").status_code == 200
    assert "has asked you to change your password" in client.get(CHANGE).text
