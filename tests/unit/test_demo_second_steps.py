"""The demo's people with second steps: what their page publishes opens their accounts, and nobody else's."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from accounts.models import OutboxMessage, RecoveryCodes, User
from accounts.models.outbox import Kind
from accounts.services import second_step
from accounts.services.second_step import recovery_codes
from demo import people, seed
from demo.people import Shown
from demo.situations import Situation

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]


def shown(situation: Situation) -> Shown:
    return next(each for each in people.everybody() if each.part.situation is situation)


def test_the_code_on_the_page_is_that_of_the_app() -> None:
    kofi = shown(Situation.HAS_AN_APP)
    assert second_step.is_needed(user=kofi.user)
    assert second_step.check(user=kofi.user, code=kofi.code.replace(" ", ""))
    # A used code is followed by the next, which passes too.
    assert shown(Situation.HAS_AN_APP).code != kofi.code


def test_the_helpdesks_code_is_still_there() -> None:
    code, jess = people.current_code(), shown(Situation.HELPDESK)
    assert code is not None
    assert second_step.check(user=jess.user, code=code.code)
    assert (jess.code, jess.recovery_codes) == ("", [])


def test_recovery_codes_are_those_that_are_left_and_new_ones_come_with_the_next_start() -> None:
    lena = shown(Situation.LOST_THE_PHONE)
    assert (lena.code, len(lena.recovery_codes)) == ("", people.CODES_SHOWN)
    first = recovery_codes.as_typed(lena.recovery_codes[0])
    assert first
    recovery_codes.use(user=lena.user, code=first)
    assert lena.recovery_codes[0] not in shown(Situation.LOST_THE_PHONE).recovery_codes
    RecoveryCodes.objects.filter(user=lena.user).update(sealed=[])
    assert shown(Situation.LOST_THE_PHONE).recovery_codes == []
    seed.seed()
    assert len(shown(Situation.LOST_THE_PHONE).recovery_codes) == people.CODES_SHOWN
    assert not OutboxMessage.objects.filter(kind__in=[Kind.RECOVERY_CODES_MADE, Kind.SECOND_STEP_ADDED]).exists()


def test_a_second_step_is_required_of_one_who_has_none() -> None:
    marta = shown(Situation.NEEDS_A_SECOND_STEP).user
    assert second_step.is_needed(user=marta)
    assert not second_step.is_set_up(user=marta)
    others = User.objects.filter(is_staff=False).exclude(organisation=marta.organisation)
    assert not any(second_step.is_required(user=user) for user in others)


def test_where_the_demos_key_is_gone_the_page_shows_no_code_and_is_there(settings: Settings) -> None:
    settings.SECOND_STEP_KEYS = ["another key"]
    assert shown(Situation.HAS_AN_APP).code == ""
    assert shown(Situation.LOST_THE_PHONE).recovery_codes == []
    assert people.current_code() is None
