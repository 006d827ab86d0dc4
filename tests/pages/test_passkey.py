"""Making passkeys, and using them as the second step and to prove again who a person is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.urls import reverse
from django_otp_webauthn.models import WebAuthnCredential as Passkey

from accounts.browser import about
from accounts.models import SecurityEvent, User
from accounts.models.security_event import Event
from accounts.services import second_step, sessions
from accounts.services.second_step import passkeys
from tests.support.factories import make_user
from tests.support.passkeys import SoftwareAuthenticator, registered
from tests.support.steps import PortalClient, come_in, log_in
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db


def send(client: PortalClient, ceremony: str, authenticator: SoftwareAuthenticator, said: str, **fields: str) -> Any:
    """Begin and complete a ceremony as the script does; return the answer to the form."""
    begun = client.post(reverse(f"passkey_{ceremony}_begin"), {"about": said, **fields})
    if begun.status_code != 200:
        return begun
    do = authenticator.make if ceremony == "register" else authenticator.use
    sent = {"about": said, "credential": do(begun.json()), **fields}
    return client.post(reverse(f"passkey_{ceremony}_complete"), sent)


@pytest.fixture
def inside(client: PortalClient, user: User) -> PortalClient:
    """Return the browser of `user`, who has just logged in."""
    come_in(client, user)
    return client


def test_one_is_made_in_a_session(inside: PortalClient, user: User) -> None:
    response = send(inside, "register", SoftwareAuthenticator(), about.person(user), next="/my-esr/")
    assert response["Location"] == "/my-esr/"
    assert "You can now log in with a passkey: iCloud Keychain." in inside.get("/my-esr/").text
    assert Passkey.objects.get().user == user


def test_none_is_made_when_the_person_did_not_prove_lately_who_they_are(
    inside: PortalClient, user: User, travel: Travel
) -> None:
    travel(minutes=6)
    assert send(inside, "register", SoftwareAuthenticator(), about.person(user)).status_code == 403
    sent = {"about": about.person(user), "credential": "{}"}
    assert inside.post(reverse("passkey_register_complete"), sent).status_code == 302
    assert not Passkey.objects.exists()


def test_what_is_wrong_with_one_is_said_where_the_person_was(inside: PortalClient, user: User) -> None:
    form = {"about": about.person(user), "credential": "", "next": "/my-esr/"}
    assert inside.post(reverse("passkey_register_complete"), form)["Location"] == "/my-esr/"
    assert "No passkey was made. If JavaScript is off" in inside.get("/my-esr/").text
    send(inside, "register", SoftwareAuthenticator(origin="https://evil.example"), about.person(user), next="/my-esr/")
    assert "No passkey was made. You can try again." in inside.get("/my-esr/").text


def test_who_has_as_many_as_there_can_be_is_told_that_and_not_of_scripts(
    client: PortalClient, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The browser is not told to make one, and sends the form without."""
    _, passkey = registered(user)
    come_in(client, user, second_step=passkey.persistent_id)
    monkeypatch.setattr(passkeys, "MOST", 1)
    said = {"about": about.person(user)}
    assert client.post(reverse("passkey_register_begin"), said).status_code == 403
    answer = client.post(reverse("passkey_register_complete"), {**said, "credential": ""}, follow=True)
    assert "You have as many passkeys as there can be. Remove one first." in answer.text


def test_the_second_step_of_a_log_in_is_passed_with_one(client: PortalClient, user: User) -> None:
    authenticator, _ = registered(user)
    page = log_in(client, user)["Location"]
    assert page == "/log-in/second-step/"
    said = client.shown[page]["about"]
    assert send(client, "challenge", authenticator, said)["Location"] == "/my-esr/"
    assert SecurityEvent.objects.filter(event=Event.SECOND_STEP_PASSED, reason="passkey").count() == 1


def test_after_one_that_did_not_work_the_other_ways_are_there(client: PortalClient, user: User) -> None:
    registered(user)
    page = log_in(client, user)["Location"]
    said = client.shown[page]["about"]
    assert send(client, "challenge", SoftwareAuthenticator(), said)["Location"] == page
    assert "That passkey did not work." in client.get(page).text


def test_a_person_who_needs_a_second_step_makes_one_in_the_log_in(client: PortalClient) -> None:
    user = make_user(is_staff=True)
    page = log_in(client, user)["Location"]
    response = send(client, "register", SoftwareAuthenticator(), client.shown[page]["about"])
    assert response.status_code == 302
    assert second_step.ways_of(user=user).passkeys == 1


def test_a_person_proves_again_who_they_are(inside: PortalClient, user: User, travel: Travel) -> None:
    authenticator, _ = registered(user)
    travel(minutes=6)
    assert not sessions.is_proved_lately(session=inside.session)
    response = send(inside, "prove", authenticator, about.person(user), next="/change-password/")
    assert response["Location"] == "/change-password/"
    assert sessions.is_proved_lately(session=inside.session)
    assert SecurityEvent.objects.filter(event=Event.PROVED_AGAIN, user=user).count() == 1
    travel(minutes=12)
    send(inside, "prove", SoftwareAuthenticator(), about.person(user))
    assert not sessions.is_proved_lately(session=inside.session)
    assert SecurityEvent.objects.filter(event=Event.PROVING_AGAIN_FAILED, user=user).count() == 1


def test_password_managers_find_where_passkeys_are(client: PortalClient) -> None:
    response = client.get("/.well-known/passkey-endpoints")
    found = json.loads(response.content)
    assert response["Content-Type"] == "application/json"
    assert set(found) == {"enroll", "manage"}
    assert all(address.startswith("https://esr.example.nhs.uk/my-esr/") for address in found.values())
