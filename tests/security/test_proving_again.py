"""Threat: a stranger sits down at a session that was left open, or has stolen it, and changes what protects it.

Source: OWASP ASVS 5.0, 7.5.1 to 7.5.3. A proof lasts five minutes; after that each address that changes something asks
for another one.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Authenticator, RecoveryCodes, RememberedBrowser, SecurityEvent, Session, User
from accounts.models.security_event import Event
from accounts.services import lockout, sessions
from accounts.services.second_step import remembered_browsers
from nhsuk import wording
from tests.pages.test_recovery_start import errors
from tests.security.test_sessions import copy_of
from tests.support import addresses
from tests.support.authenticator import PhoneApp
from tests.support.care_identity import log_in_by_care_identity
from tests.support.factories import PASSWORD, make_user
from tests.support.steps import PortalClient, about_in, come_in, log_in, send
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db

SECURITY = "/my-esr/security/"
CONFIRM = f"{SECURITY}confirm/"
# What only shows, and what a person has to do at once; every other address below the page changes something.
READING = {"security", "security_activity", "security_confirm", "this_was_not_me_stop"}
SIX_MINUTES = sessions.PROOF_LASTS.total_seconds() + 60


def changing() -> list[str]:
    """Return the addresses below the security page that change something."""
    below = [each for each in addresses.ours() if each.path.startswith(SECURITY)]
    return [each.path for each in below if each.name not in READING]


@pytest.fixture
def left_open(client: PortalClient, user: User, travel: Travel) -> PortalClient:
    """Return the browser of `user`, who logged in six minutes ago."""
    come_in(client, user)
    travel(seconds=SIX_MINUTES)
    return client


def about(client: PortalClient) -> dict[str, str]:
    return about_in(client.get(SECURITY))


def seen(client: PortalClient, path: str) -> str:
    return client.get(path).text


def test_every_address_that_changes_something_asks_for_a_proof(left_open: PortalClient, user: User) -> None:
    PhoneApp.of(user)
    browser = remembered_browsers.remember(user=user)
    assert browser
    log_in(PortalClient(), user)
    before = _state(user)
    form = {**about(left_open), "browser": browser.pk, "name": "Mine"}
    assert len(changing()) >= 4
    for path in changing():
        for answer in (left_open.get(path), left_open.post(path, form)):
            assert answer["Location"] == f"{CONFIRM}?next={path.replace('/', '%2F')}", path
    assert _state(user) == before


def test_so_does_every_page_that_sets_up_another_way(left_open: PortalClient, user: User) -> None:
    PhoneApp.of(user)
    before = _state(user)
    form = {**about(left_open), "make": "", "code": "123456", "credential": "{}"}
    for name in ("second_step_enrol", "second_step_app", "second_step_codes", "second_step_codes_file"):
        answer = left_open.get(reverse(name))
        assert answer["Location"] == f"{CONFIRM}?next={reverse(name).replace('/', '%2F')}", name
        assert left_open.post(reverse(name), form).status_code in {302, 405}, name
    assert left_open.post(reverse("passkey_register_complete"), form)["Location"].startswith(CONFIRM)
    assert left_open.post(reverse("passkey_register_begin"), form).status_code == 403
    assert _state(user) == before
    assert not RecoveryCodes.objects.exists()


def _state(user: User) -> list[Any]:
    rows = (Session.objects.values_list("session_key"), Authenticator.objects.all(), RememberedBrowser.objects.all())
    return [sorted(map(str, each)) for each in rows]


def test_a_proof_of_just_now_is_asked_for_once(client: PortalClient, user: User, travel: Travel) -> None:
    come_in(client, user)
    travel(seconds=sessions.PROOF_LASTS.total_seconds() - 5)
    assert client.get(f"{SECURITY}log-out-others/")["Location"] == SECURITY
    assert client.get(f"{CONFIRM}?next=/my-esr/")["Location"] == "/my-esr/"
    travel(seconds=10)
    assert client.get(f"{SECURITY}log-out-others/")["Location"].startswith(CONFIRM)
    # A clock that was put back has seen no proof. By more than an idle time, and the session is over.
    travel(minutes=-10)
    assert client.get(f"{SECURITY}log-out-others/")["Location"].startswith(CONFIRM)


def test_wrong_passwords_count_as_at_the_log_in_and_lock(left_open: PortalClient, user: User) -> None:
    """Threat: the stranger guesses the password in the open session."""
    wrong = {"current_password": "not the right one"}
    assert errors(send(left_open, CONFIRM, wrong)) == {"#id_current_password": "This is not your current password"}
    assert errors(send(left_open, CONFIRM)) == {"#id_current_password": "Enter your current password"}
    for _ in range(lockout.LIMIT - 1):
        answer = send(left_open, CONFIRM, wrong)
    until = SecurityEvent.objects.get(event=Event.LOCKED).at + lockout.DURATION
    assert wording.spoken_time(wording.until_the_minute(until)) in errors(answer)["#id_current_password"]
    answer = send(left_open, CONFIRM, {"current_password": PASSWORD})
    assert "too many wrong passwords" in errors(answer)["#id_current_password"]
    assert left_open.get(f"{SECURITY}log-out-others/")["Location"].startswith(CONFIRM)
    assert SecurityEvent.objects.filter(event=Event.PROVING_AGAIN_FAILED, user=user).count() == lockout.LIMIT + 1
    assert not SecurityEvent.objects.filter(event__in=[Event.LOG_IN_FAILED, Event.PROVED_AGAIN]).exists()


def test_a_person_without_a_usable_password_is_never_waved_through(
    client: PortalClient, user: User, travel: Travel
) -> None:
    user.set_unusable_password()
    user.save()
    log_in_by_care_identity(client, user)
    travel(seconds=SIX_MINUTES)
    page = seen(client, CONFIRM)
    assert "You have no way to confirm it here." in page
    assert "current_password" not in page
    for password in ("", PASSWORD, user.password):
        answer = client.post(CONFIRM, {**about(client), "current_password": password, "next": SECURITY})
        assert answer.status_code == 200
    assert client.get(f"{SECURITY}log-out-others/")["Location"].startswith(CONFIRM)


def test_a_page_of_another_person_confirms_nothing(left_open: PortalClient, user: User) -> None:
    """Threat: two people at one PC; the page of the first is sent when the second is logged in."""
    stale = about(left_open)
    other = make_user()
    log_in(left_open, other)
    for path in (CONFIRM, *changing()):
        answer = left_open.post(path, {**stale, "current_password": PASSWORD, "next": SECURITY})
        assert answer.status_code == 409, path
    assert not SecurityEvent.objects.filter(event__in=[Event.PROVED_AGAIN, Event.SESSION_ENDED]).exists()


def test_the_session_goes_on_under_a_new_key(left_open: PortalClient, user: User) -> None:
    """Threat: the thief of a session waits until its owner proves who they are (OWASP ASVS 7.2.4)."""
    thief = copy_of(left_open)
    send(left_open, CONFIRM, {"current_password": PASSWORD})
    assert left_open.get(f"{SECURITY}log-out-others/")["Location"] == SECURITY
    assert thief.get("/my-esr/").status_code == 302
    assert Session.objects.filter(user_id=user.pk).count() == 1


def test_the_proof_of_a_session_is_its_own(left_open: PortalClient, other_client: PortalClient, user: User) -> None:
    come_in(other_client, user)
    assert other_client.get(f"{SECURITY}log-out-others/")["Location"] == SECURITY
    assert left_open.get(f"{SECURITY}log-out-others/")["Location"].startswith(CONFIRM)
