"""Threat: an attacker guesses many times at once, so that the limit is passed between a read and a write."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from accounts.hashers import Argon2idPasswordHasher
from accounts.models import Lockout, SecurityEvent, User
from accounts.models.security_event import Event
from accounts.services import lockout, log_in
from tests.support.factories import PASSWORD, make_user
from tests.support.threads import all_at_once

if TYPE_CHECKING:
    from pytest_django import Settings

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]

GUESSES = 50
# Seconds: a hash takes about as long at full strength, in which other threads go on as they do in this pause.
AS_LONG_AS_A_HASH = 0.02


class CountingHasher(Argon2idPasswordHasher):
    """The real hasher, quick and with a pause, which also notes whose hash was looked at."""

    looked_at: list[str] = []

    def verify(self, password: str, encoded: str) -> bool:
        self.looked_at.append(encoded)
        time.sleep(AS_LONG_AS_A_HASH)
        return super().verify(password, encoded)


@pytest.fixture
def looked_at(settings: Settings) -> list[str]:
    """Return the hashes that passwords are compared with."""
    settings.PASSWORD_HASHERS = [f"{__name__}.CountingHasher"]
    CountingHasher.looked_at.clear()
    return CountingHasher.looked_at


def guess(username: str, password: str = "wrong") -> Callable[[], User | None]:
    return lambda: log_in.check_password(username=username, password=password).user


def reasons() -> list[str]:
    return list(SecurityEvent.objects.filter(event=Event.LOG_IN_FAILED).values_list("reason", flat=True))


def test_of_fifty_parallel_guesses_ten_reach_the_hash(looked_at: list[str]) -> None:
    user = make_user()
    assert all_at_once([guess(user.username)] * GUESSES) == [None] * GUESSES
    assert looked_at.count(user.password) == lockout.LIMIT
    # All cost the same: the others were compared with the hash of no person.
    assert len(looked_at) == GUESSES
    assert reasons().count("wrong_password") == lockout.LIMIT
    assert reasons().count("locked") == GUESSES - lockout.LIMIT
    assert SecurityEvent.objects.filter(event=Event.LOCKED).count() == 1


def test_spellings_of_one_name_do_not_multiply_the_guesses(looked_at: list[str]) -> None:
    user = make_user()
    spellings = [
        user.username,
        user.username.lower(),
        f" {user.username}",
        f"{user.username}\u200b",
        "９" + user.username[1:],
    ]
    all_at_once([guess(spellings[number % len(spellings)]) for number in range(GUESSES)])
    assert looked_at.count(user.password) == lockout.LIMIT


def test_a_name_that_nobody_has_costs_and_locks_the_same(looked_at: list[str]) -> None:
    all_at_once([guess("999NOBODY01")] * GUESSES)
    assert len(looked_at) == GUESSES
    assert reasons().count("unknown_username") == lockout.LIMIT
    assert reasons().count("locked_unknown_username") == GUESSES - lockout.LIMIT
    assert SecurityEvent.objects.filter(event=Event.LOCKED).count() == 1


def test_parallel_guesses_while_locked_neither_reach_the_hash_nor_extend_the_lock(looked_at: list[str]) -> None:
    user = make_user()
    for _ in range(lockout.LIMIT):
        lockout.record_failure(username=user.username)
    ends, row = lockout.locked_until(username=user.username), Lockout.objects.values().get()
    # The right one among them: a lock keeps it out too.
    assert all_at_once([guess(user.username), guess(user.username, PASSWORD)] * (GUESSES // 2)) == [None] * GUESSES
    assert user.password not in looked_at
    assert lockout.locked_until(username=user.username) == ends
    assert Lockout.objects.values().get() == row
