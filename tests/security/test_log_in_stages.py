"""Threat: something changes while a person is in the middle of logging in, and is not noticed.

allauth itself does not look again between its stages; our last one does.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from accounts.models import SecurityEvent, User
from accounts.models.role import Role
from accounts.models.security_event import Event
from accounts.services import lockout, password_policy
from tests.support.authenticator import PhoneApp
from tests.support.factories import NEW_PASSWORD, make_user
from tests.support.steps import PortalClient, log_in, send

pytestmark = pytest.mark.django_db

SECOND_STEP = "/log-in/second-step/"


@pytest.fixture
def user() -> User:
    """Return a person who is asked for a code after the password."""
    user = make_user()
    PhoneApp.of(user)
    return user


@pytest.fixture
def half_in(client: PortalClient, user: User) -> PortalClient:
    """Return a browser in which the password was right and the code is still to come."""
    assert log_in(client, user)["Location"] == SECOND_STEP
    return client


def finish(client: PortalClient, user: User) -> Any:
    """Type the code; return where that leads in the end."""
    return send(client, SECOND_STEP, {"code": PhoneApp.of(user).code()}, follow=True)


def is_in(client: PortalClient) -> bool:
    return client.get("/my-esr/").status_code == 200


def test_without_any_change_the_code_lets_in(half_in: PortalClient, user: User) -> None:
    finish(half_in, user)
    assert is_in(half_in)


@pytest.mark.parametrize(
    "change",
    [{"is_active": False}, {"ends_on": "2020-01-01"}, {"starts_on": "2999-01-01"}],
    ids=["deactivated", "ended", "not started"],
)
def test_somebody_kept_out_meanwhile_does_not_get_in(
    half_in: PortalClient, user: User, change: dict[str, object]
) -> None:
    """Threat: a person is dismissed while the page with the code is open."""
    User.objects.filter(pk=user.pk).update(**change)
    finish(half_in, user)
    assert not is_in(half_in)


def test_a_password_changed_meanwhile_ends_the_log_in(half_in: PortalClient, user: User) -> None:
    """Threat: the owner changes a stolen password while the thief is at the second step."""
    password_policy.set_password(user=user, password=NEW_PASSWORD)
    finish(half_in, user)
    assert not is_in(half_in)


def test_a_lock_meanwhile_ends_the_log_in(half_in: PortalClient, user: User) -> None:
    """Threat: guesses go on elsewhere while one of them waits at the second step."""
    for _ in range(lockout.LIMIT):
        lockout.record_failure(username=user.username)
    finish(half_in, user)
    assert not is_in(half_in)
    assert SecurityEvent.objects.filter(event=Event.LOG_IN_REFUSED, reason="locked").exists()


def test_must_change_set_meanwhile_is_obeyed(half_in: PortalClient, user: User) -> None:
    """Threat: the helpdesk forces a new password a second too late."""
    User.objects.filter(pk=user.pk).update(must_change_password=True)
    finish(half_in, user)
    assert not is_in(half_in)


def test_a_second_step_that_becomes_needed_at_the_last_page_is_not_skipped(client: PortalClient) -> None:
    """Threat: a person becomes helpdesk between the stages and is in without a code."""
    user = make_user(must_change_password=True)
    log_in(client, user)
    User.objects.filter(pk=user.pk).update(role=Role.AGENT)
    send(client, "/log-in/change-password/", {"new_password": NEW_PASSWORD})
    assert not is_in(client)
    assert client.get("/admin/").status_code == 302


def test_somebody_deleted_meanwhile_gets_a_page_and_no_session(half_in: PortalClient, user: User) -> None:
    """Threat: an error page in the middle, with a session half made."""
    code = PhoneApp.of(user).code()
    user.delete()
    assert send(half_in, SECOND_STEP, {"code": code}, follow=True).status_code == 200
    assert not is_in(half_in)


def test_a_log_in_that_began_before_an_upgrade_begins_anew(half_in: PortalClient, user: User) -> None:
    """Threat: the session holds the log-in as the version before wrote it, and a page fails or lets in by mistake."""
    session = half_in.session
    state = session["account_login"]["state"]
    for name in ("proof", "id_token", "second_step"):
        del state[name]
    session.save()
    answer = half_in.get(SECOND_STEP)
    assert (answer.status_code, answer["Location"]) == (302, "/log-in/")
    assert half_in.get("/log-in/").status_code == 200
    assert not is_in(half_in)


def test_no_stage_can_be_left_out(client: PortalClient) -> None:
    """Threat: an attacker with the password goes straight to the page that sets a new one, past the code."""
    user = make_user(must_change_password=True)
    app = PhoneApp.of(user)
    log_in(client, user)
    response = client.post("/log-in/change-password/", {"new_password": NEW_PASSWORD})
    assert response.status_code == 409
    user.refresh_from_db()
    assert user.must_change_password, "nothing was changed"
    send(client, SECOND_STEP, {"code": app.code()})
    send(client, "/log-in/change-password/", {"new_password": NEW_PASSWORD})
    assert is_in(client)


def test_a_new_second_step_cannot_be_set_up_over_the_old_one(half_in: PortalClient, user: User) -> None:
    """Threat: an attacker with the password alone puts their own phone in the place of the owner's."""
    for page in ("/second-step/set-up/", "/second-step/set-up/app/", "/second-step/set-up/codes/"):
        response = half_in.get(page)
        assert response.status_code == 302
        assert response["Location"] == SECOND_STEP
    for page in ("/second-step/set-up/app/", "/second-step/set-up/codes/"):
        typed = {**half_in.shown[SECOND_STEP], "code": "123456", "make": "yes", "saved": "yes"}
        assert half_in.post(page, typed)["Location"] == SECOND_STEP
    assert user.totpdevice_set.count() == 1


def test_the_event_is_written_when_somebody_is_really_in(half_in: PortalClient, user: User) -> None:
    """Threat: the record says logged in although the code never came."""
    assert not SecurityEvent.objects.filter(user=user, event=Event.LOGGED_IN).exists()
    finish(half_in, user)
    event = SecurityEvent.objects.get(user=user, event=Event.LOGGED_IN)
    assert event.at <= timezone.now()
