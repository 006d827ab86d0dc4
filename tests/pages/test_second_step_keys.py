"""What a person reads whose second step was sealed with a key that SECOND_STEP_KEYS has no more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from accounts.models import SecondStepRecord, SecurityEvent, User
from accounts.models.security_event import Event
from accounts.services import second_step
from accounts.services.second_step import recovery_codes
from tests.support.authenticator import PhoneApp
from tests.support.remembered_browsers import CHALLENGE
from tests.support.steps import PortalClient, log_in, send

if TYPE_CHECKING:
    from pytest_django import Settings

pytestmark = pytest.mark.django_db

LOST = "/log-in/second-step/lost/"


def test_they_are_told_that_it_is_our_fault_and_nothing_is_counted_and_the_log_says_why(
    client: PortalClient, user: User, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    """Threat: a key that the operators took away too early locks people out, or gives them a page of an error."""
    app, [code, *_] = PhoneApp.of(user), recovery_codes.make(user=user)
    second_step.reseal()
    log_in(client, user)
    keys, settings.SECOND_STEP_KEYS = settings.SECOND_STEP_KEYS, ["another key of at least so many characters as that"]
    for address, typed in ((CHALLENGE, app.code()), (LOST, code)):
        assert "That is our fault, and it did not count as a wrong code" in send(client, address, {"code": typed}).text
    said = [record.message for record in caplog.records if "SECOND_STEP_KEYS" in record.message]
    assert len(said) == 2
    assert not SecondStepRecord.objects.filter(wrong_in_a_row__gt=0).exists()
    assert not SecurityEvent.objects.filter(event=Event.SECOND_STEP_FAILED).exists()
    # The key is put back, and nothing was lost.
    settings.SECOND_STEP_KEYS = keys
    assert send(client, LOST, {"code": code}).status_code == 302
