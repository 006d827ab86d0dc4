"""A hundred wrong passwords in a row, over any time (NIST SP 800-63B-4, 3.2.2).

Threat: ten guesses each quarter of an hour, for ever, are 960 a day.
"""

from __future__ import annotations

import pytest

from accounts.models import Lockout, SecurityEvent, User
from accounts.models.security_event import Event
from accounts.proof import Proof
from accounts.services import device_cookies, lockout, log_in
from tests.support.factories import PASSWORD, make_user
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db

BROWSER = "a" * 64
A_DAY = {"hours": 24}


@pytest.fixture(autouse=True)
def no_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compare without a hash, which a hundred tries would spend seconds on; the lockout does not know."""
    monkeypatch.setattr(log_in, "password_matches", lambda typed, stored: typed == PASSWORD and len(stored) > 0)
    monkeypatch.setattr(log_in, "_hash_of_no_person", lambda: "")


def try_(user: User | str, password: str = "a guess", browser: str = "") -> bool:
    username = user if isinstance(user, str) else user.username
    return log_in.check_password(username=username, password=password, browser=browser).user is not None


def guess(user: User | str, times: int, travel: Travel, browser: str = "") -> None:
    """Guess so many times, waiting for the end of each lock."""
    for number in range(1, times + 1):
        assert not try_(user, browser=browser)
        if number % lockout.LIMIT == 0:
            travel(minutes=16)


def use_up(user: User) -> None:
    """Leave what a hundred guesses leave, of which one is made."""
    assert not try_(user)
    Lockout.objects.update(in_a_row=lockout.MOST_IN_A_ROW)


def reasons(event: Event = Event.LOG_IN_FAILED) -> list[str]:
    return list(SecurityEvent.objects.filter(event=event).order_by("pk").values_list("reason", flat=True))


def test_the_right_password_gets_in_after_99_wrong_ones_and_not_after_100(travel: Travel) -> None:
    user = make_user()
    guess(user, 99, travel)
    assert try_(user, PASSWORD)
    guess(user, 100, travel)
    assert not lockout.is_locked(username=user.username)
    assert not try_(user, PASSWORD)
    assert reasons()[-1] == lockout.USED_UP
    travel(hours=1000)
    assert not try_(user, PASSWORD), "waiting does not open it"


def test_slow_guesses_are_counted_over_any_time_and_across_tidying(travel: Travel) -> None:
    """Nine guesses, a pause that forgets them, and nine again: that never locks."""
    user = make_user()
    for _ in range(11):
        for _ in range(9):
            assert not try_(user)
        travel(**A_DAY)
        lockout.delete_forgotten()
        assert not Lockout.objects.exists(), "an unasked request leaves no row that outlives the day"
    assert try_(user, PASSWORD), "99 so far"
    for _ in range(12):
        guess(user, 9, travel)
        travel(**A_DAY)
        lockout.delete_forgotten()
    assert not try_(user, PASSWORD)
    assert reasons(Event.LOCKED) == [lockout.USED_UP], "it is recorded as a lock, once"


def test_a_guess_while_it_is_used_up_does_what_a_guess_at_a_fresh_name_does(travel: Travel) -> None:
    """Threat: the time or the number of statements tells that the count of a name is kept, and so that it is real."""
    user, nobody = make_user(), "999NOBODY01"
    for name in (user.username, nobody):
        guess(name, 100, travel)
    travel(**A_DAY)
    lockout.delete_forgotten()
    results = []
    for name in (user.username, nobody):
        before = SecurityEvent.objects.count()
        tries = [lockout.record_failure(username=name) for _ in range(12)]
        Lockout.objects.all().delete()
        for _ in range(11):
            try_(name)
        locks = SecurityEvent.objects.filter(event=Event.LOCKED, user=user if name == user.username else None).count()
        results.append((tries, locks, SecurityEvent.objects.count() - before))
    assert results[0] == results[1]


def test_the_owners_own_browser_goes_on_and_its_right_password_ends_the_count(travel: Travel) -> None:
    """Threat: a stranger's hundred guesses keep the owner from their own computer."""
    user = make_user()
    use_up(user)
    assert not try_(user, PASSWORD)
    assert not try_(user, browser=BROWSER)
    assert try_(user, PASSWORD, browser=BROWSER)
    assert try_(user, PASSWORD)


def test_the_owners_log_in_does_not_end_a_lock_that_is_on(travel: Travel) -> None:
    """Threat: each log-in of the owner gives a stranger ten more guesses at once."""
    user = make_user()
    for _ in range(10):
        try_(user)
    assert try_(user, PASSWORD, browser=BROWSER)
    assert not try_(user, PASSWORD)
    travel(minutes=16)
    assert try_(user, PASSWORD)


def test_all_the_browsers_of_a_person_together_have_a_hundred(travel: Travel) -> None:
    """Threat: copies of a person's device cookies multiply the hundred."""
    user = make_user()
    assert lockout.MOST_IN_A_ROW_IN_A_KNOWN_BROWSER * 5 == lockout.MOST_IN_A_ROW
    device_cookies.remember(user=user, digest=BROWSER)
    guess(user, 20, travel, browser=BROWSER)
    travel(**A_DAY)
    assert lockout.delete_forgotten() == 0, "what was counted in a browser is kept as long as its cookie counts"
    assert not try_(user, PASSWORD, browser=BROWSER)
    assert lockout.are_used_up(user=user, browser=BROWSER)
    assert not lockout.are_used_up(user=user)
    assert try_(user, PASSWORD), "and a right log-in elsewhere ends that count too"
    assert try_(user, PASSWORD, browser=BROWSER)


def test_the_counter_of_a_device_cookie_that_is_gone_is_deleted(travel: Travel) -> None:
    user = make_user()
    device_cookies.remember(user=user, digest=BROWSER)
    try_(user, browser=BROWSER)
    device_cookies.remember(user=user, digest="b" * 64, in_place_of=BROWSER)
    travel(minutes=16)
    assert lockout.delete_forgotten() == 1


@pytest.mark.parametrize("tidied", [False, True])
def test_recovery_the_helpdesk_and_care_identity_end_the_count(travel: Travel, tidied: bool) -> None:
    """All three call `unlock`; log_in.finish does so for Care Identity."""
    agent = make_user(is_staff=True)
    proof = Proof(uid="555000000101", level=3, methods=(), authenticated_at=0)
    for way in (lambda user: lockout.unlock(user=user, by=agent), lambda user: log_in.finish(user=user, proof=proof)):
        user = make_user()
        use_up(user)
        if tidied:
            travel(**A_DAY)
            lockout.delete_forgotten()
            user.refresh_from_db()
            assert user.wrong_passwords_before == 100
        assert lockout.are_used_up(user=user)
        way(user)
        assert try_(user, PASSWORD)
        assert SecurityEvent.objects.filter(event=Event.UNLOCKED, user=user).count() == 1


def test_the_count_of_one_person_is_not_that_of_another_and_does_not_outgrow_its_column(travel: Travel) -> None:
    one, other = make_user(), make_user()
    try_(one)
    Lockout.objects.update(in_a_row=lockout.MOST_IN_A_ROW)
    for _ in range(3):
        try_(one)
    assert Lockout.objects.get().in_a_row == lockout.MOST_IN_A_ROW + 1
    travel(**A_DAY)
    assert lockout.delete_forgotten() == 1
    assert try_(other, PASSWORD)
    assert not try_(one, PASSWORD)
