"""Threat: post one code, or set up a phone, many times at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import SecurityEvent
from accounts.models.security_event import Event
from accounts.services import second_step
from tests.support.authenticator import PhoneApp
from tests.support.helpdesk import make_agent

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]

AT_ONCE = 8


def all_at_once(call: Callable[[int], Any]) -> list[Any]:
    """Make the call in AT_ONCE threads that start together; return what each returned or raised."""
    start = threading.Barrier(AT_ONCE)

    def run(number: int) -> Any:
        start.wait(timeout=60)
        try:
            return call(number)
        except Exception as error:  # noqa: BLE001 (the test looks at each)
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=AT_ONCE) as threads:
        return list(threads.map(run, range(AT_ONCE)))


def test_one_code_posted_many_times_at_once_passes_once() -> None:
    agent = make_agent()
    code = PhoneApp.of(agent).code()
    outcomes = all_at_once(lambda _: second_step.check(user=agent, code=code))
    assert sum(isinstance(outcome, str) for outcome in outcomes) == 1, outcomes
    refused = {type(outcome) for outcome in outcomes if not isinstance(outcome, str)}
    assert refused <= {second_step.WrongCode, second_step.TooManyWrongCodes}
    assert SecurityEvent.objects.filter(event=Event.SECOND_STEP_PASSED).count() == 1


def test_of_many_guesses_at_once_one_is_looked_at() -> None:
    """The wait begins with the first wrong code, also for those that were on their way already."""
    agent = make_agent()
    wrong = PhoneApp.of(agent).wrong_code()
    outcomes = all_at_once(lambda _: second_step.check(user=agent, code=wrong))
    looked_at = [outcome for outcome in outcomes if isinstance(outcome, second_step.WrongCode)]
    # A slow machine may take longer than the first wait, of one second.
    assert 1 <= len(looked_at) <= 2, outcomes
    assert TOTPDevice.objects.get().throttling_failure_count == len(looked_at)


def test_of_many_phones_set_up_at_once_one_is_kept() -> None:
    agent = make_agent()
    secrets = [second_step.new_secret() for _ in range(AT_ONCE)]
    outcomes = all_at_once(
        lambda n: second_step.set_up(user=agent, secret=secrets[n], code=PhoneApp(secrets[n]).code())
    )
    kept = [secret for secret, outcome in zip(secrets, outcomes, strict=True) if isinstance(outcome, str)]
    assert len(kept) == 1, outcomes
    assert {type(o) for o in outcomes if not isinstance(o, str)} == {second_step.AlreadySetUp}
    assert [device.key for device in TOTPDevice.objects.all()] == kept
