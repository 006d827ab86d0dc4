"""Logging in with a passkey alone, from the log-in page."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from accounts.models import Organisation, SecurityEvent, User
from accounts.models.security_event import Event
from accounts.models.switched_off import Part
from accounts.services import lockout, sessions, switched_off
from accounts.services.second_step import passkeys
from tests.support.factories import NEW_PASSWORD, make_user
from tests.support.passkeys import SoftwareAuthenticator, log_in_with, registered
from tests.support.steps import PortalClient, about_in

pytestmark = pytest.mark.django_db

LOG_IN = "/passkeys/log-in/"
REFUSED = "That passkey did not log you in."


def last_event(user: User) -> tuple[str, str]:
    event = SecurityEvent.objects.filter(user=user).order_by("-pk")[0]
    return event.event, event.reason


def test_the_page_offers_it_below_the_other_ways_and_in_the_username_field(client: PortalClient) -> None:
    page = client.get("/log-in/").text
    assert page.index("Log in via Username Password") < page.index("Log in with a passkey")
    assert 'autocomplete="username webauthn"' in page
    assert 'data-passkey-help tabindex="-1" hidden' in page


def test_a_passkey_alone_lets_its_owner_in_to_where_they_wanted(client: PortalClient) -> None:
    user = make_user()
    authenticator, passkey = registered(user)
    response = log_in_with(client, authenticator, fields={"next": "/change-password/"})
    assert response["Location"] == "/change-password/"
    assert client.get("/my-esr/").context["user"] == user
    assert last_event(user) == (Event.LOGGED_IN, "passkey")
    passkey.refresh_from_db()
    assert passkey.last_used_at is not None
    # The ticks of the form beside it.
    assert sessions.is_at_shared_computer(session=client.session) is False
    assert "remember" not in "".join(client.cookies)


def test_beginning_stores_nothing_and_makes_no_session(client: PortalClient, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        assert client.post(reverse("passkey_log_in_begin")).json()["userVerification"] == "required"
    assert settings.SESSION_COOKIE_NAME not in client.cookies


def test_the_ticks_of_the_form_beside_it_count(client: PortalClient) -> None:
    user = make_user()
    authenticator, _ = registered(user)
    log_in_with(client, authenticator, fields={"shared": "on", "remember_username": "on"})
    assert sessions.is_at_shared_computer(session=client.session)
    client.post("/log-out/")
    assert user.username not in client.get("/log-in/").text
    log_in_with(client, authenticator, fields={"remember_username": "on"})
    client.post("/log-out/")
    assert user.username in client.get("/log-in/").text


def test_the_admin_opens_after_it_without_a_code(client: PortalClient) -> None:
    authenticator, _ = registered(make_user(is_staff=True))
    log_in_with(client, authenticator)
    assert client.get("/admin/").status_code == 200


def test_a_locked_person_gets_in_and_is_unlocked(client: PortalClient) -> None:
    user = make_user()
    authenticator, _ = registered(user)
    for _ in range(lockout.LIMIT):
        lockout.record_failure(username=user.username)
    assert log_in_with(client, authenticator)["Location"] == "/my-esr/"
    assert not lockout.is_locked(username=user.username, browser="")


def test_a_person_who_must_change_their_password_does_that_before_anything_else(client: PortalClient) -> None:
    user = make_user(must_change_password=True)
    authenticator, _ = registered(user)
    page = log_in_with(client, authenticator)["Location"]
    assert page == "/log-in/change-password/"
    assert client.get("/my-esr/").status_code == 302
    sent = {**about_in(client.get(page)), "new_password": NEW_PASSWORD}
    assert client.post(page, sent)["Location"] == "/my-esr/"
    assert last_event(user) == (Event.LOGGED_IN, "passkey")


def test_a_person_without_a_password_is_given_none(client: PortalClient) -> None:
    user = make_user(password=None, must_change_password=True)
    authenticator, _ = registered(user)
    assert log_in_with(client, authenticator)["Location"] == "/my-esr/"
    assert client.get("/my-esr/").status_code == 200


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"ends_on": datetime.date(2020, 2, 1)}, "your last day was <strong>1 February 2020</strong>"),
        ({"starts_on": datetime.date(2100, 2, 1)}, "Your account starts on <strong>1 February 2100</strong>"),
        ({"is_active": False}, "Your account is not active"),
    ],
)
def test_a_person_who_is_not_in_force_is_told_why(client: PortalClient, facts: dict[str, Any], words: str) -> None:
    user = make_user()
    authenticator, _ = registered(user)
    User.objects.filter(pk=user.pk).update(**facts)
    response = log_in_with(client, authenticator)
    assert words in response.text
    assert user.organisation.support_email in response.text
    assert client.get("/my-esr/").status_code == 302
    assert last_event(user) == (Event.LOG_IN_REFUSED, "not_in_force")


def test_a_person_outside_without_internet_access_is_told_so(client: PortalClient) -> None:
    user = make_user()
    authenticator, _ = registered(user)
    Organisation.objects.update(requires_internet_access=True)
    response = log_in_with(client, authenticator)
    assert "You need internet access to log in from here" in response.text
    assert last_event(user) == (Event.LOG_IN_REFUSED, "outside_network")
    User.objects.filter(pk=user.pk).update(internet_access_since=timezone.now())
    assert log_in_with(client, authenticator)["Location"] == "/my-esr/"


def test_of_a_passkey_that_does_not_count_one_thing_is_said(client: PortalClient) -> None:
    """Unknown, removed, refused before and another's: nothing tells a stranger which passkeys there are."""
    user, other = make_user(), make_user()
    (removed, row), (stopped, stopped_row), (theirs, _) = registered(user), registered(user), registered(other)
    passkeys.remove(user=user, pk=row.pk)
    stopped_row.confirmed = False
    stopped_row.save()
    of_user = removed.user_handle
    unknown = SoftwareAuthenticator(user_handle=of_user)
    forged = SoftwareAuthenticator(user_handle=of_user, credential_id=stopped.credential_id)
    theirs.user_handle = of_user
    nameless = SoftwareAuthenticator(credential_id=theirs.credential_id, key=theirs.key, user_handle=None)
    seen = set()
    for authenticator in (removed, stopped, unknown, forged, theirs, nameless):
        response = log_in_with(client, authenticator)
        assert response.status_code == 200
        seen.add(REFUSED in response.text and "A passkey lets you log in with" in response.text)
    assert seen == {True}
    assert not SecurityEvent.objects.filter(event__in=[Event.LOGGED_IN, Event.LOG_IN_FAILED]).exists()


def test_a_form_without_an_answer_says_what_a_passkey_is_and_what_works(client: PortalClient) -> None:
    page = client.post(LOG_IN, {"credential": "", "next": "/change-password/"})
    assert "If JavaScript is off in this browser" in page.text
    assert "Your username and password work as before" in page.text
    assert 'name="next" value="/change-password/"' in page.text


def test_switched_off_the_page_says_so_at_the_next_request(client: PortalClient) -> None:
    authenticator, _ = registered(make_user())
    options = client.post(reverse("passkey_log_in_begin")).json()
    switched_off.switch(part=Part.PASSKEYS, on=False, by=None, reason="A flaw")
    assert client.post(reverse("passkey_log_in_begin")).status_code == 403
    assert "Passkeys are switched off" in client.post(LOG_IN, {"credential": authenticator.use(options)}).text


def test_what_changes_at_the_last_moment_is_seen_by_the_last_check(client: PortalClient) -> None:
    user = make_user(must_change_password=True)
    authenticator, passkey = registered(user)
    page = log_in_with(client, authenticator)["Location"]
    shown = about_in(client.get(page))
    passkeys.remove(user=user, pk=passkey.pk)
    assert client.post(page, {**shown, "new_password": NEW_PASSWORD})["Location"] == "/log-in/"
    assert SecurityEvent.objects.filter(event=Event.LOG_IN_REFUSED, reason="passkey_gone").exists()


def test_a_changed_password_ends_no_passkey(client: PortalClient) -> None:
    user = make_user()
    authenticator, _ = registered(user)
    user.set_password(NEW_PASSWORD)
    user.save()
    assert log_in_with(client, authenticator)["Location"] == "/my-esr/"
