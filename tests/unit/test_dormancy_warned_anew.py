"""Dormancy: a warning whose day is long over is none. What made the password not dormant on it warns anew."""

from __future__ import annotations

import datetime
from collections.abc import Iterable

import pytest

from accounts.models import Organisation, User
from tests.support.travel import Travel
from tests.unit.test_dormancy import DAYS, at_the_start, come_in, day, is_dormant, make_person, warnings  # noqa: F401

pytestmark = pytest.mark.django_db


def told_on(user: User, travel: Travel, *days: int) -> list[int]:
    """Do the daily work on these days and those around them; return on which a warning went or it became dormant."""
    found, before = [], warnings(user)
    for number in around(days):
        day(travel, number)
        if warnings(user) != before or is_dormant(user):
            found.append(number)
            before = warnings(user)
        if is_dormant(user):
            break
    return found


def around(days: Iterable[int]) -> list[int]:
    return sorted({number + step for number in days for step in (-1, 0, 1)})


@pytest.mark.parametrize("meanwhile", [None, 365])
@pytest.mark.parametrize("raised_after", [(60,), (60, 83)])
def test_after_a_number_that_was_raised_or_was_none_for_a_while(
    travel: Travel, raised_after: tuple[int, ...], meanwhile: int | None
) -> None:
    user = make_person()
    come_in(user)
    assert told_on(user, travel, *raised_after) == list(raised_after)
    Organisation.objects.update(dormant_after_days=meanwhile)
    assert told_on(user, travel, 90, 120, 200) == []
    Organisation.objects.update(dormant_after_days=365)
    assert told_on(user, travel, 335, 358, 365) == [335, 358, 365]


def test_after_a_number_that_was_raised_a_little_the_second_comes_anew(travel: Travel) -> None:
    user = make_person()
    come_in(user)
    assert told_on(user, travel, 60, 83) == [60, 83]
    Organisation.objects.update(dormant_after_days=DAYS + 20)
    assert told_on(user, travel, 90, 103, 110) == [103, 110]


def test_after_a_time_in_which_the_person_was_kept_out(travel: Travel) -> None:
    user = make_person(starts_on=datetime.date(2020, 1, 1))
    come_in(user)
    assert told_on(user, travel, 60, 83) == [60, 83]
    User.objects.update(is_active=False)
    assert told_on(user, travel, 90, 150) == []
    User.objects.update(is_active=True)
    assert told_on(user, travel, 201, 224, 231) == [200, 223, 230]


def test_after_an_outage_of_the_daily_work_of_months(travel: Travel) -> None:
    user = make_person()
    come_in(user)
    assert told_on(user, travel, 60) == [60]
    assert told_on(user, travel, 301, 324, 331) == [300, 323, 330]
