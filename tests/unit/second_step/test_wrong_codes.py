"""Wrong codes after a right password: who waits for how long, and who does not."""

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

WRONG_RECOVERY_CODE = "2222222222"


@pytest.fixture
def user() -> User:
    return make_user()


@pytest.fixture
def app(user: User) -> PhoneApp:
    return PhoneApp.of(user)


def guess(user: User, app: PhoneApp, *, times: int = 1) -> None:
    """Type wrong codes of the app, each of which is looked at."""
    for _ in range(times):
        with pytest.raises(second_step.WrongCode):
            second_step.check(user=user, code=app.wrong_code())


def guess_for_a_day(user: User, app: PhoneApp, travel: Travel) -> int:
    """Type wrong codes as soon as one is looked at, until the day's are used up; return how many were looked at."""
    tries, began = 0, timezone.now()
    while timezone.now() < began + wrong_codes.DAY:
        with pytest.raises((second_step.WrongCode, second_step.TooManyWrongCodes)) as refused:
            second_step.check(user=user, code=app.wrong_code())
        if not isinstance(refused.value, second_step.TooManyWrongCodes):
            tries += 1
            continue
        if refused.value.until is None:
            break
        travel.to(refused.value.until)
    return tries


def set_wrong(user: User, **facts: int) -> None:
    now = timezone.now()
    SecondStepRecord.objects.update_or_create(
        user=user, defaults={"day_began_at": now, "last_wrong_at": now - datetime.timedelta(hours=1), **facts}
    )


def test_three_wrong_codes_cost_no_wait(user: User, app: PhoneApp) -> None:
    guess(user, app, times=3)
    assert second_step.check(user=user, code=app.code())


def test_then_each_wrong_code_doubles_the_wait_up_to_five_minutes(user: User, app: PhoneApp, travel: Travel) -> None:
    guess(user, app, times=3)
    for wait in (30, 60, 120, 240, 300, 300):
        guess(user, app)
        with pytest.raises(second_step.TooManyWrongCodes) as refused:
            second_step.check(user=user, code=app.code())
        assert refused.value.until
        remaining = refused.value.until - timezone.now()
        assert datetime.timedelta(seconds=wait - 1) < remaining <= datetime.timedelta(seconds=wait)
        travel(seconds=wait + 0.1)
    assert second_step.check(user=user, code=app.code())


def test_what_comes_during_a_wait_does_not_make_it_longer(user: User, app: PhoneApp, travel: Travel) -> None:
    guess(user, app, times=4)
    for _ in range(5):
        with pytest.raises(second_step.TooManyWrongCodes):
            second_step.check(user=user, code=app.wrong_code())
    travel(seconds=30.1)
    assert second_step.check(user=user, code=app.code())


def test_a_day_of_guessing_is_twenty_tries_and_the_owner_is_told_once(
    user: User, app: PhoneApp, travel: Travel
) -> None:
    """Threat: an attacker with the password tries codes day after day. NIST SP 800-63B-4 allows a hundred in a row."""
    assert guess_for_a_day(user, app, travel) == 20
    mail = OutboxMessage.objects.get(kind=Kind.WRONG_CODES)
    assert mail.about["users"] == [user.pk]
    assert SecurityEvent.objects.get(pk=mail.about["event"]).event == Event.SECOND_STEP_FAILED


def test_after_the_day_codes_are_looked_at_again(user: User, app: PhoneApp, travel: Travel) -> None:
    guess_for_a_day(user, app, travel)
    travel(seconds=1)
    assert second_step.check(user=user, code=app.code())


def test_a_right_code_begins_the_waits_anew_and_gives_a_guesser_no_more_tries_that_day(
    user: User, app: PhoneApp, travel: Travel
) -> None:
    """Threat: each log-in of the owner buys an attacker twenty more guesses."""
    set_wrong(user, wrong_in_a_row=18, wrong_today=18)
    assert second_step.check(user=user, code=app.code())
    guess(user, app, times=2)
    with pytest.raises(second_step.TooManyWrongCodes) as refused:
        second_step.check(user=user, code=app.next_code())
    assert refused.value.until
    assert refused.value.until > timezone.now() + datetime.timedelta(hours=23)


def test_after_a_hundred_in_a_row_no_code_of_the_app_is_looked_at_however_long_the_wait(
    user: User, app: PhoneApp, travel: Travel
) -> None:
    set_wrong(user, wrong_in_a_row=99)
    guess(user, app)
    travel(days=30)
    with pytest.raises(second_step.TooManyWrongCodes) as refused:
        second_step.check(user=user, code=app.code())
    assert refused.value.until is None
    assert OutboxMessage.objects.filter(kind=Kind.WRONG_CODES).count() == 1


def test_another_way_opens_the_app_again_after_a_hundred(user: User, app: PhoneApp) -> None:
    for another_way in (lambda: second_step.note_works(user), lambda: use_recovery_code(user)):
        set_wrong(user, wrong_in_a_row=100)
        with pytest.raises(second_step.TooManyWrongCodes):
            second_step.check(user=user, code=app.code())
        another_way()
        guess(user, app)


def test_a_guesser_who_knows_the_password_does_not_keep_the_owner_out(
    user: User, app: PhoneApp, travel: Travel
) -> None:
    """Threat: an attacker types wrong codes all day, so that the owner waits without end."""
    guess_for_a_day(user, app, travel)
    set_wrong(user, wrong_in_a_row=100, wrong_today=20)
    assert use_recovery_code(user)


def test_wrong_recovery_codes_do_not_use_up_the_day_of_the_app(user: User, app: PhoneApp, travel: Travel) -> None:
    set_wrong(user, wrong_in_a_row=30, wrong_today=0)
    recovery_codes.make(user=user)
    with pytest.raises(second_step.WrongRecoveryCode):
        recovery_codes.use(user=user, code=WRONG_RECOVERY_CODE)
    travel(minutes=5, seconds=1)
    assert second_step.check(user=user, code=app.code())


@pytest.mark.parametrize("facts", [{"wrong_in_a_row": 100}, {"wrong_in_a_row": 20, "wrong_today": 20}])
def test_the_helpdesk_lifts_every_wait(user: User, app: PhoneApp, facts: dict[str, int]) -> None:
    agent = make_user(is_staff=True)
    set_wrong(user, **facts)
    assert wrong_codes.Code.APP in wrong_codes.waits(user=user)
    assert wrong_codes.forgive(user=user, by=agent)
    assert second_step.check(user=user, code=app.code())
    event = SecurityEvent.objects.get(event=Event.WRONG_CODES_FORGIVEN)
    assert (event.user_id, event.by_id) == (user.pk, agent.pk)


def test_lifting_what_is_not_there_is_no_event(user: User) -> None:
    assert not wrong_codes.forgive(user=user, by=None)
    assert not SecurityEvent.objects.exists()


def use_recovery_code(user: User) -> str:
    return recovery_codes.use(user=user, code=recovery_codes.as_typed(recovery_codes.make(user=user)[0]) or "")
