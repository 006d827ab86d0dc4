"""The app of the tests makes codes that pass whenever they are typed."""

from __future__ import annotations

import datetime

import pytest

from accounts.services import second_step
from tests.support.authenticator import PhoneApp
from tests.support.factories import make_user
from tests.support.travel import Travel

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.mark.parametrize("seconds", [0, 29])
def test_the_next_code_passes_where_a_half_minute_ended_before_the_first_was_typed(
    travel: Travel, seconds: int
) -> None:
    user = make_user()
    app = PhoneApp.of(user)
    travel.to(datetime.datetime(2026, 11, 26, 14, 30, seconds, 800_000, tzinfo=datetime.UTC))
    code = app.code()
    travel(seconds=1)
    assert second_step.check(user=user, code=code)
    assert second_step.check(user=user, code=app.next_code())
