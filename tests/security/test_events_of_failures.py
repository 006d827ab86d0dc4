"""Threat: an attacker who knows the password, and nothing else, fills the table of security events."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from accounts.models import SecurityEvent, User
from accounts.models.security_event import Event
from accounts.services import events
from accounts.services.second_step import recovery_codes, wrong_codes
from tests.support.authenticator import PhoneApp
from tests.support.factories import make_user
from tests.support.passkeys import registered
from tests.support.remembered_browsers import CHALLENGE
from tests.support.steps import PortalClient, log_in, send

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.travel import Travel

pytestmark = pytest.mark.django_db

LOST = "/log-in/second-step/lost/"
TRIES = wrong_codes.WITHOUT_A_WAIT + 6


def sends_app_codes(client: PortalClient, app: PhoneApp) -> None:
    send(client, CHALLENGE, {"code": app.wrong_code()})


def sends_recovery_codes(client: PortalClient, app: PhoneApp) -> None:
    send(client, LOST, {"code": "aaaaa-aaaaa"})


def sends_codes_of_the_helpdesk(client: PortalClient, app: PhoneApp) -> None:
    if client.get(LOST).status_code != 200:
        log_in(client, User.objects.get())
    send(client, LOST, {"bootstrap_code": "1234 5678"})


def sends_no_passkey(client: PortalClient, app: PhoneApp) -> None:
    client.post(reverse("passkey_challenge_complete"), {**client.shown[CHALLENGE], "credential": "{}"})


@pytest.mark.parametrize(
    ("sends", "reason"),
    [
        (sends_app_codes, "too_many_wrong_codes"),
        (sends_recovery_codes, "wrong_recovery_code_in_a_wait"),
        (sends_codes_of_the_helpdesk, "wrong_bootstrap_code"),
        (sends_no_passkey, "passkey"),
    ],
)
def test_so_many_a_day_are_stored_and_the_log_has_each(
    client: PortalClient,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    travel: Travel,
    *,
    sends: Callable[[PortalClient, PhoneApp], None],
    reason: str,
) -> None:
    monkeypatch.setattr(events, "FAILURES_A_DAY", 2)
    user = make_user()
    app = PhoneApp.of(user)
    recovery_codes.make(user=user)
    registered(user)
    log_in(client, user)
    for _ in range(TRIES):
        sends(client, app)
    stored = SecurityEvent.objects.filter(user=user, event=Event.SECOND_STEP_FAILED, reason=reason)
    assert stored.count() == 2
    assert sum(getattr(record, "reason", "") == reason for record in caplog.records) > 3
    travel(days=1, seconds=1)
    log_in(client, user)
    for _ in range(TRIES):
        sends(client, app)
    assert stored.count() > 2
