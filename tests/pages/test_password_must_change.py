"""The page in the middle of a log-in for a person who was told to change their password."""

from __future__ import annotations

import pytest
from django.contrib.auth import SESSION_KEY

from accounts.models import OutboxMessage, SecurityEvent, User
from accounts.models.outbox import Kind
from accounts.models.security_event import Event
from accounts.services import last_check, password_policy
from tests.pages.test_recovery_start import errors, page
from tests.support.factories import NEW_PASSWORD, PASSWORD, make_user
from tests.support.steps import PortalClient, log_in, send

pytestmark = pytest.mark.django_db

MUST_CHANGE = "/log-in/change-password/"


@pytest.fixture
def told() -> User:
    """Return a person who must change their password."""
    return make_user(must_change_password=True)


def test_it_comes_before_anything_else(client: PortalClient, told: User) -> None:
    assert log_in(client, told)["Location"] == MUST_CHANGE
    assert SESSION_KEY not in client.session
    assert client.get("/my-esr/").status_code == 302
    text = page(client.get(MUST_CHANGE)).get_text(" ", strip=True)
    assert "Your organisation has asked you to change your password" in text
    assert told.username in text


def test_a_good_new_password_finishes_the_log_in(client: PortalClient, told: User) -> None:
    client.post("/log-in/", {"username": told.username, "password": PASSWORD, "next": "/help/"})
    assert send(client, MUST_CHANGE, {"new_password": NEW_PASSWORD})["Location"] == "/help/"
    told.refresh_from_db()
    assert told.check_password(NEW_PASSWORD)
    assert not told.must_change_password
    my_esr = client.get("/my-esr/")
    assert my_esr.status_code == 200
    assert "Your password was changed. You are logged in." in my_esr.text
    event = SecurityEvent.objects.get(event=Event.PASSWORD_CHANGED)
    assert OutboxMessage.objects.get(kind=Kind.PASSWORD_CHANGED).about == {"users": [told.pk], "event": event.pk}


def test_who_is_stopped_by_the_last_check_is_not_told_that_they_are_logged_in(
    client: PortalClient, told: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_in(client, told)
    monkeypatch.setattr(last_check, "may_finish", lambda **_: False)
    assert send(client, MUST_CHANGE, {"new_password": NEW_PASSWORD})["Location"] == "/log-in/"
    assert "You are logged in" not in client.get("/log-in/").text
    assert SecurityEvent.objects.filter(event=Event.PASSWORD_CHANGED, user=told).count() == 1


@pytest.mark.parametrize("password", ["", "short", PASSWORD])
def test_one_that_breaks_the_rules_does_not(client: PortalClient, told: User, password: str) -> None:
    log_in(client, told)
    assert errors(send(client, MUST_CHANGE, {"new_password": password}))
    told.refresh_from_db()
    assert told.check_password(PASSWORD)
    assert told.must_change_password


def test_without_a_log_in_under_way_it_leads_to_the_log_in_page(client: PortalClient) -> None:
    assert client.get(MUST_CHANGE)["Location"] == "/log-in/"
    assert send(client, MUST_CHANGE, {"new_password": NEW_PASSWORD})["Location"] == "/log-in/"
    log_in(client, make_user())
    assert client.get(MUST_CHANGE)["Location"] == "/log-in/"


def test_a_log_in_begun_with_an_old_password_cannot_set_a_new_one(client: PortalClient, told: User) -> None:
    """Threat: the thief of an old password waits here while its owner recovers, and then overwrites the new one."""
    log_in(client, told)
    password_policy.set_password(user=told, password="harbour velvet biscuit")
    User.objects.filter(pk=told.pk).update(must_change_password=True)
    assert send(client, MUST_CHANGE, {"new_password": NEW_PASSWORD})["Location"] == "/log-in/"
    told.refresh_from_db()
    assert told.check_password("harbour velvet biscuit")
    assert SESSION_KEY not in client.session


def test_somebody_deactivated_meanwhile_sets_nothing(client: PortalClient, told: User) -> None:
    log_in(client, told)
    User.objects.filter(pk=told.pk).update(is_active=False)
    assert send(client, MUST_CHANGE, {"new_password": NEW_PASSWORD})["Location"] == "/log-in/"
    told.refresh_from_db()
    assert told.check_password(PASSWORD)


def test_sessions_elsewhere_end(client: PortalClient, other_client: PortalClient) -> None:
    user = make_user()
    log_in(other_client, user)
    User.objects.filter(pk=user.pk).update(must_change_password=True)
    log_in(client, user)
    send(client, MUST_CHANGE, {"new_password": NEW_PASSWORD})
    assert other_client.get("/my-esr/").status_code == 302
    assert client.get("/my-esr/").status_code == 200
