"""Threat: post one code, or set up a phone, many times at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from accounts.models import Authenticator, RecoveryCodes, SecondStepRecord, SecurityEvent, User
from accounts.models.security_event import Event
from accounts.services import second_step
from accounts.services.second_step import bootstrap_codes, recovery_codes, wrong_codes
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


def test_of_many_guesses_at_once_four_are_looked_at() -> None:
    """The wait begins with the fourth wrong code, also for those that were on their way already."""
    agent = make_agent()
    wrong = PhoneApp.of(agent).wrong_code()
    outcomes = all_at_once(lambda _: second_step.check(user=agent, code=wrong))
    looked_at = [outcome for outcome in outcomes if isinstance(outcome, second_step.WrongCode)]
    assert len(looked_at) == wrong_codes.WITHOUT_A_WAIT + 1, outcomes
    assert SecondStepRecord.objects.get().wrong_in_a_row == len(looked_at)


def test_of_many_phones_set_up_at_once_one_is_kept() -> None:
    agent = make_agent()
    secrets = [second_step.new_secret() for _ in range(AT_ONCE)]
    outcomes = all_at_once(
        lambda n: second_step.set_up(user=agent, secret=secrets[n], code=PhoneApp(secrets[n]).code())
    )
    kept = [secret for secret, outcome in zip(secrets, outcomes, strict=True) if isinstance(outcome, str)]
    assert len(kept) == 1, outcomes
    assert {type(o) for o in outcomes if not isinstance(o, str)} == {second_step.AlreadySetUp}
    assert [device.bin_key.hex() for device in Authenticator.objects.all()] == kept


def test_one_recovery_code_posted_many_times_at_once_passes_once() -> None:
    agent = make_agent()
    code = recovery_codes.as_typed(recovery_codes.make(user=agent)[0]) or ""
    outcomes = all_at_once(lambda _: recovery_codes.use(user=agent, code=code))
    assert sum(isinstance(outcome, str) for outcome in outcomes) == 1, outcomes
    refused = {type(outcome) for outcome in outcomes if not isinstance(outcome, str)}
    assert refused <= {second_step.WrongRecoveryCode, second_step.TooManyWrongCodes}
    assert len(RecoveryCodes.objects.get().sealed) == recovery_codes.HOW_MANY - 1


def test_one_bootstrap_code_posted_many_times_at_once_passes_once() -> None:
    agent = make_agent()
    code = bootstrap_codes.as_typed(bootstrap_codes.make(user=agent, by=None)) or ""
    outcomes = all_at_once(lambda _: bootstrap_codes.use(user=agent, code=code))
    assert outcomes.count(None) == 1, outcomes
    assert {type(o) for o in outcomes if o is not None} == {second_step.WrongBootstrapCode}


def test_of_codes_made_twice_at_once_ten_are_left_that_were_shown() -> None:
    agent = make_agent()
    made = all_at_once(lambda _: recovery_codes.make(user=agent))
    assert recovery_codes.left(user=agent) == recovery_codes.HOW_MANY
    last = [codes for codes in made if isinstance(codes, list) and _passes(agent, codes[0])]
    assert len(last) == 1, made


def _passes(agent: User, code: str) -> bool:
    try:
        recovery_codes.use(user=agent, code=recovery_codes.as_typed(code) or "")
    except second_step.WrongRecoveryCode:
        wrong_codes.forgive(user=agent, by=None)
        return False
    return True
