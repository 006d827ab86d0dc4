"""Wrong recovery codes after a right password: they are counted by themselves, and a right one passes during a wait."""

from __future__ import annotations

import datetime

import pytest
from django.utils import timezone

from accounts.models import OutboxMessage, SecondStepRecord, SecurityEvent, User
from accounts.models.outbox import Kind
from accounts.models.security_event import Event
from accounts.services import second_step
from accounts.services.second_step import recovery_codes, wrong_codes
from tests.support.authenticator import PhoneApp
from tests.support.factories import make_user
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db

WRONG = "2222222222"


@pytest.fixture
def user() -> User:
    return make_user()


@pytest.fixture
def app(user: User) -> PhoneApp:
    return PhoneApp.of(user)


@pytest.fixture
def codes(user: User) -> list[str]:
    return [recovery_codes.as_typed(code) or "" for code in recovery_codes.make(user=user)]


def guess(user: User, *, times: int = 1) -> None:
    """Type wrong recovery codes, each of which is counted."""
    for _ in range(times):
        with pytest.raises(second_step.WrongRecoveryCode):
            recovery_codes.use(user=user, code=WRONG)


def refused(user: User, code: str) -> datetime.datetime | None:
    """Type a recovery code that is answered with a wait; return until when."""
    with pytest.raises(second_step.TooManyWrongCodes) as wait:
        recovery_codes.use(user=user, code=code)
    return wait.value.until


def set_wrong(user: User, **facts: int) -> None:
    an_hour_ago = timezone.now() - datetime.timedelta(hours=1)
    last = {"last_wrong_at": an_hour_ago, "last_wrong_recovery_at": an_hour_ago}
    SecondStepRecord.objects.update_or_create(user=user, defaults={"day_began_at": an_hour_ago, **last, **facts})


def test_a_guesser_of_recovery_codes_closes_them_and_never_the_app(
    user: User, app: PhoneApp, codes: list[str], travel: Travel
) -> None:
    """Threat: an attacker with the password shuts the app of the owner in an hour, by codes that have no day's end."""
    guess(user, times=3)
    while SecurityEvent.objects.filter(reason="wrong_recovery_code").count() < wrong_codes.MOST_IN_A_ROW:
        guess(user)
        travel(seconds=30.1)
    assert refused(user, codes[0]) is None
    travel(days=30)
    assert refused(user, codes[0]) is None
    assert wrong_codes.Code.APP not in wrong_codes.waits(user=user)
    assert second_step.check(user=user, code=app.code())
    assert recovery_codes.use(user=user, code=codes[0])


def test_wrong_codes_of_the_app_make_no_recovery_code_wait(user: User, app: PhoneApp, codes: list[str]) -> None:
    for _ in range(4):
        with pytest.raises(second_step.WrongCode):
            second_step.check(user=user, code=app.wrong_code())
    guess(user, times=4)
    assert refused(user, WRONG)


def test_a_right_one_passes_during_a_wait_and_ends_it(user: User, app: PhoneApp, codes: list[str]) -> None:
    """Threat: an attacker with the password types a wrong code each second, so that the owner never gets a turn."""
    guess(user, times=4)
    assert refused(user, WRONG)
    assert recovery_codes.use(user=user, code=codes[0])
    guess(user)


def test_a_wrong_one_during_a_wait_of_half_a_minute_at_most_is_not_counted(
    user: User, codes: list[str], travel: Travel
) -> None:
    guess(user, times=4)
    for counted in (4, 5, 6, 7):
        for _ in range(2):
            assert refused(user, WRONG)
        until = refused(user, WRONG)
        assert until
        assert until <= timezone.now() + wrong_codes.FIRST_WAIT
        assert SecondStepRecord.objects.get().wrong_recovery_in_a_row == counted
        travel.to(until)
        guess(user)
    reasons = SecurityEvent.objects.filter(event=Event.SECOND_STEP_FAILED).values_list("reason", flat=True)
    assert (list(reasons).count("wrong_recovery_code"), len(reasons)) == (8, 20)


def test_the_owner_is_told_at_the_twentieth_of_a_day_and_once_a_day(
    user: User, codes: list[str], travel: Travel
) -> None:
    guess(user)
    for in_a_row, today, mails in ((18, 18, 0), (19, 19, 1), (99, 99, 1)):
        set_wrong(user, wrong_recovery_in_a_row=in_a_row, wrong_recovery_today=today)
        guess(user)
        assert OutboxMessage.objects.filter(kind=Kind.WRONG_CODES).count() == mails
    mail = OutboxMessage.objects.get(kind=Kind.WRONG_CODES)
    assert mail.about["users"] == [user.pk]
    assert mail.about["what"] == "recovery_codes"
    travel(days=1)
    set_wrong(user, wrong_recovery_in_a_row=20)
    SecondStepRecord.objects.update(day_began_at=timezone.now() - wrong_codes.DAY)
    guess(user)
    assert SecondStepRecord.objects.get().wrong_recovery_today == 1


def test_the_owner_is_told_where_a_slow_guesser_closes_them(user: User, codes: list[str]) -> None:
    set_wrong(user, wrong_recovery_in_a_row=99, wrong_recovery_today=3)
    guess(user)
    assert OutboxMessage.objects.filter(kind=Kind.WRONG_CODES).count() == 1


@pytest.mark.parametrize("how", ["app", "other way", "helpdesk", "made anew"])
def test_what_opens_them_again_after_a_hundred(user: User, app: PhoneApp, codes: list[str], how: str) -> None:
    set_wrong(user, wrong_recovery_in_a_row=100)
    assert refused(user, codes[0]) is None
    if how == "app":
        second_step.check(user=user, code=app.code())
    elif how == "other way":
        second_step.other_way_used(user)
    elif how == "helpdesk":
        assert wrong_codes.forgive(user=user, by=make_user(is_staff=True))
    else:
        codes = [recovery_codes.as_typed(code) or "" for code in recovery_codes.make(user=user)]
    assert recovery_codes.use(user=user, code=codes[0])


def test_a_second_step_that_worked_opens_them_again(user: User, codes: list[str]) -> None:
    set_wrong(user, wrong_recovery_in_a_row=100)
    second_step.note_works(user)
    assert recovery_codes.use(user=user, code=codes[0])
