"""Too many wrong passwords."""

from __future__ import annotations

import datetime

import pytest
from django.utils import timezone

from accounts.models import Lockout, SecurityEvent
from accounts.models.security_event import Event
from accounts.services import lockout
from tests.support.factories import make_user
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db

JO = "999JSMITH01"
MINUTE = datetime.timedelta(minutes=1)


def fail(times: int, username: str = JO, browser: str = "") -> list[int | None]:
    return [lockout.record_failure(username=username, browser=browser) for _ in range(times)]


def test_ten_tries_count_and_no_more() -> None:
    assert fail(9) == list(range(1, 10))
    assert not lockout.is_locked(username=JO)
    assert fail(3) == [10, None, None]
    assert lockout.is_locked(username=JO)


def test_a_lock_ends_after_fifteen_minutes_and_counting_begins_anew(travel: Travel) -> None:
    fail(10)
    travel(minutes=14, seconds=50)
    assert fail(1) == [None]
    travel(seconds=11)
    assert not lockout.is_locked(username=JO)
    assert fail(11) == [*range(1, 11), None]


def test_tries_while_locked_do_not_make_it_longer(travel: Travel) -> None:
    """Threat: an attacker goes on guessing, and the owner never gets in again."""
    fail(10)
    ends = lockout.locked_until(username=JO)
    for _ in range(14):
        travel(minutes=1)
        assert fail(5) == [None] * 5
    assert lockout.locked_until(username=JO) == ends
    travel(minutes=1, seconds=1)
    assert fail(1) == [1]


def test_wrong_passwords_are_forgotten_fifteen_minutes_after_the_last(travel: Travel) -> None:
    fail(9)
    travel(minutes=14)
    assert fail(1) == [10]
    lockout.forget_failures(username=JO)
    fail(9)
    travel(minutes=15, seconds=1)
    assert fail(1) == [1]


def test_a_slow_guesser_is_counted_as_long_as_he_goes_on(travel: Travel) -> None:
    for number in range(1, 11):
        assert fail(1) == [number]
        travel(minutes=14)
    assert Lockout.objects.get().locked_at is not None


def test_the_page_can_say_until_when(travel: Travel) -> None:
    assert lockout.locked_until(username=JO) is None
    fail(10)
    ends = lockout.locked_until(username=JO)
    assert ends is not None
    assert abs(ends - timezone.now() - lockout.DURATION) < MINUTE
    travel(minutes=16)
    assert lockout.locked_until(username=JO) is None


def test_all_spellings_of_a_username_are_one_counter() -> None:
    """Threat: ten guesses for each way to write a name."""
    spellings = [JO, "999jsmith01", " 999JSmith01 ", "９９９ＪＳＭＩＴＨ０１", "999JSMITH01\u200b"]
    assert [lockout.record_failure(username=typed) for typed in spellings] == [1, 2, 3, 4, 5]


def test_a_name_that_nobody_has_locks_as_one_that_somebody_has() -> None:
    real = make_user().username
    assert fail(12, real) == fail(12, "999NOBODY01")
    assert lockout.is_locked(username=real)
    assert lockout.is_locked(username="999NOBODY01")


def test_names_lock_apart() -> None:
    fail(10)
    assert fail(1, "999JSMITH02") == [1]


def test_a_stranger_does_not_lock_a_browser_that_knows_the_name() -> None:
    """Threat: ten wrong passwords a quarter of an hour keep the owner out for good."""
    fail(20)
    assert fail(10, browser="a" * 64) == list(range(1, 11))
    assert fail(1, browser="b" * 64) == [1]
    assert lockout.is_locked(username=JO, browser="a" * 64)
    assert not lockout.is_locked(username=JO, browser="b" * 64)


def test_the_counter_knows_no_name() -> None:
    """Threat: people type passwords into the username box, and the database would keep them."""
    fail(1, "my secret passphrase")
    row = Lockout.objects.values().get()
    assert "secret" not in str(row)


def test_the_right_password_forgets_the_counter_it_was_counted_on() -> None:
    fail(3)
    fail(3, browser="a" * 64)
    lockout.forget_failures(username=" 999jsmith01", browser="a" * 64)
    assert fail(1, browser="a" * 64) == [1]
    assert fail(1) == [4]


def test_unlocking_lifts_every_lock_of_a_person_and_is_recorded() -> None:
    user, agent = make_user(), make_user(is_staff=True)
    fail(10, user.username)
    fail(10, user.username, browser="a" * 64)
    fail(10, "999OTHER01")
    assert lockout.unlock(user=user, by=agent)
    assert not lockout.is_locked(username=user.username)
    assert not lockout.is_locked(username=user.username, browser="a" * 64)
    assert lockout.is_locked(username="999OTHER01")
    event = SecurityEvent.objects.get()
    assert (event.event, event.user, event.by) == (Event.UNLOCKED, user, agent)


def test_unlocking_whoever_is_not_locked_does_and_records_nothing() -> None:
    assert not lockout.unlock(user=make_user(), by=None)
    assert not SecurityEvent.objects.exists()


def test_what_no_longer_counts_is_deleted(travel: Travel) -> None:
    fail(10)
    travel(minutes=10)
    fail(1, "999NEWER01")
    travel(minutes=6)
    assert lockout.delete_forgotten() == 1
    assert Lockout.objects.get().username_digest == lockout.username_digest("999NEWER01")
