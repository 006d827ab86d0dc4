"""No page about second steps leaves a person with nothing to do, nor sends them in a circle."""

from __future__ import annotations

import time

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse
from django.utils import timezone
from django_otp_webauthn.models import WebAuthnCredential as Passkey

from accounts.browser import about
from accounts.models import User
from accounts.services import second_step, sessions
from accounts.services.second_step import passkeys, recovery_codes, wrong_clock
from tests.support.authenticator import PhoneApp
from tests.support.care_identity import link
from tests.support.factories import make_user
from tests.support.helpdesk import make_agent
from tests.support.passkeys import SoftwareAuthenticator, registered
from tests.support.steps import PortalClient, come_in, log_in
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db

CONFIRM = "/my-esr/security/confirm/"


def stopped(user: User) -> SoftwareAuthenticator:
    """Return an authenticator whose only passkey of `user` was stopped."""
    authenticator, _ = registered(user)
    Passkey.objects.filter(user=user).update(confirmed=False)
    return authenticator


def words(client: PortalClient, address: str) -> str:
    main = BeautifulSoup(client.get(address).content, "html.parser").select_one("main")
    return " ".join(main.get_text(" ").split()) if main else ""


def later(client: PortalClient, user: User, travel: Travel, **more: str) -> PortalClient:
    """Return the browser of `user`, who logged in so long ago that they are asked to confirm that it is they."""
    come_in(client, user, **more)
    travel(seconds=sessions.PROOF_LASTS.total_seconds() + 1)
    return client


def test_a_log_in_whose_only_passkey_was_stopped_is_told_what_to_choose(client: PortalClient, user: User) -> None:
    stopped(user)
    log_in(client, user)
    said = words(client, "/log-in/second-step/")
    assert "Your passkey was stopped" in said
    assert "I have lost my second step, or use another way" in said


def test_a_stopped_passkey_does_not_keep_a_new_one_from_being_made_on_its_device(user: User) -> None:
    working, other = registered(user), make_user()
    stopped(other)
    told = passkeys.begin_adding(user=user).options["excludeCredentials"]
    assert len(told) == 1
    assert working[1].credential_id
    assert not passkeys.begin_adding(user=other).options.get("excludeCredentials")


def test_a_frozen_password_is_not_asked_for_as_a_proof(client: PortalClient, user: User, travel: Travel) -> None:
    link(user)
    later(client, user, travel)
    User.objects.filter(pk=user.pk).update(password_frozen_at=timezone.now())
    user.refresh_from_db()
    assert user.password_is_frozen()
    page = client.get(CONFIRM).text
    assert 'name="current_password"' not in page


def test_the_page_that_asks_for_a_code_says_that_a_recovery_code_is_one(
    client: PortalClient, user: User, travel: Travel
) -> None:
    later(client, user, travel)
    PhoneApp.of(user)
    recovery_codes.make(user=user)
    page = BeautifulSoup(client.get(CONFIRM).content, "html.parser")
    box = page.select_one('input[name="code"]')
    assert box
    assert not box.has_attr("inputmode"), "a phone's keys for numbers have no letters"
    assert "Or one of your recovery codes" in page.get_text()


def test_without_recovery_codes_it_asks_for_six_digits(client: PortalClient, user: User, travel: Travel) -> None:
    later(client, user, travel)
    PhoneApp.of(user)
    page = BeautifulSoup(client.get(CONFIRM).content, "html.parser")
    box = page.select_one('input[name="code"]')
    assert box
    assert box["inputmode"] == "numeric"
    assert "recovery codes" not in page.get_text()


def test_a_passkey_that_was_not_made_for_want_of_a_proof_is_led_back_to(
    client: PortalClient, user: User, travel: Travel
) -> None:
    later(client, user, travel)
    sent = {"about": about.person(user), "credential": "{}", "next": "/my-esr/"}
    answer = client.post(reverse("passkey_register_complete"), sent)
    assert answer["Location"] == f"{CONFIRM}?next={reverse('security_passkey_add').replace('/', '%2F')}"
    assert "Nothing was changed yet. Confirm that it is you, then do it again." in client.get(answer["Location"]).text


def test_an_agent_who_moves_their_app_to_a_new_phone_stays_in_the_admin(client: PortalClient) -> None:
    agent = make_agent()
    shown = second_step.check(user=agent, code=PhoneApp.of(agent).code())
    second_step.note_works(agent)
    come_in(client, agent, second_step=shown)
    assert client.get("/admin/").status_code == 200
    page = BeautifulSoup(client.get("/second-step/set-up/app/").content, "html.parser")
    secret = page.select_one(".portal-secret")
    assert secret
    phone = PhoneApp.typed(secret.get_text())
    sent = {"about": about.person(agent), "code": phone.code()}
    assert client.post("/second-step/set-up/app/", sent).status_code == 302
    assert client.get("/admin/").status_code == 200


def test_a_wrong_clock_of_ours_is_said_when_an_app_is_set_up(
    client: PortalClient, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wrong_clock, "is_ours", lambda **_: True)
    secret = second_step.new_secret()
    with pytest.raises(second_step.CannotBeChecked):
        second_step.set_up(user=user, secret=secret, code=f"{int(time.time()) % 1_000_000:06}")
    assert not second_step.is_set_up(user=user)
    assert not user.security_events.exists()
    come_in(client, user)
    said = words(client, "/second-step/set-up/app/")
    assert "check that its clock is set automatically" in said
