"""Who may get in with a username and password."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.hashers import make_password

from accounts.hashers import Argon2idPasswordHasher
from accounts.log_in_under_way import LogInUnderWay
from accounts.models import Lockout, SecurityEvent, User
from accounts.models.role import Role
from accounts.models.security_event import Event
from accounts.services import last_check, lockout, log_in, password_policy
from tests.support.factories import NEW_PASSWORD, PASSWORD, make_user
from tests.support.travel import Travel

if TYPE_CHECKING:
    from pytest_django import Settings

pytestmark = pytest.mark.django_db


def _reasons() -> list[str]:
    return list(SecurityEvent.objects.filter(event=Event.LOG_IN_FAILED).order_by("pk").values_list("reason", flat=True))


def test_the_right_password_lets_in_and_forgets_the_wrong_ones() -> None:
    user = make_user()
    log_in.check_password(username=user.username, password="wrong")
    assert log_in.check_password(username=user.username, password=PASSWORD).user == user
    assert not Lockout.objects.exists()


def test_each_refusal_is_recorded_with_its_reason() -> None:
    user, joiner, leaver = make_user(), make_user(password=None), make_user(is_active=False)
    log_in.check_password(username=user.username, password="wrong")
    log_in.check_password(username=joiner.username, password=PASSWORD)
    log_in.check_password(username=leaver.username, password=PASSWORD)
    log_in.check_password(username="999NOBODY01", password=PASSWORD)
    assert _reasons() == ["wrong_password", "no_password_yet", "not_in_force", "unknown_username"]


@pytest.mark.parametrize("real", [True, False], ids=["real", "unknown"])
def test_the_tenth_wrong_password_locks_and_is_recorded_once(real: bool) -> None:
    username = make_user().username if real else "999NOBODY01"
    for _ in range(12):
        log_in.check_password(username=username, password="wrong")
    assert lockout.is_locked(username=username)
    assert SecurityEvent.objects.filter(event=Event.LOCKED).count() == 1
    assert _reasons()[10:] == ["locked" if real else "locked_unknown_username"] * 2


def test_a_locked_person_is_kept_out_with_the_right_password() -> None:
    user = make_user()
    for _ in range(lockout.LIMIT):
        lockout.record_failure(username=user.username)
    assert log_in.check_password(username=user.username, password=PASSWORD).user is None


@pytest.mark.parametrize(
    "password",
    [
        "",
        "x" * (password_policy.MAXIMUM_LENGTH + 1),
        "x" * 1_000_000,
        "nul\0nul",
        "\ud800 lone",
        "🦄" * 64,
        "\u202e" * 12,
    ],
    ids=["empty", "257", "a megabyte", "NUL", "lone surrogate", "emoji", "right to left"],
)
def test_anything_can_be_typed_as_a_password(password: str) -> None:
    assert log_in.check_password(username=make_user().username, password=password).user is None


@pytest.mark.parametrize(
    "username", ["", "x" * 1_000_000, "nul\0nul", "\ud800 lone", "🦄", "\u202e999", "' OR 1=1 --", "%", "999jsmith%"]
)
def test_anything_can_be_typed_as_a_username(username: str) -> None:
    make_user()
    assert log_in.check_password(username=username, password=PASSWORD).user is None


def test_an_unusable_password_is_no_password() -> None:
    user = make_user(password=None)
    assert log_in.check_password(username=user.username, password=user.password).user is None


class HashingWhileThePasswordIsChanged(Argon2idPasswordHasher):
    """A hash that takes so long that the password is another one when it is done."""

    def verify(self, password: str, encoded: str) -> bool:
        matches = super().verify(password, encoded)
        User.objects.update(password=make_password(NEW_PASSWORD))
        return matches


def test_a_password_that_is_changed_during_the_hash_lets_in_no_more_and_the_event_says_why(settings: Settings) -> None:
    user = make_user()
    hasher = HashingWhileThePasswordIsChanged
    settings.PASSWORD_HASHERS = [f"{hasher.__module__}.{hasher.__qualname__}"]
    assert log_in.check_password(username=user.username, password=PASSWORD).user is None
    event = SecurityEvent.objects.get()
    assert (event.event, event.reason, event.user_id) == (Event.LOG_IN_FAILED, "password_changed", user.pk)


def test_djangos_own_way_to_authenticate_is_counted_too() -> None:
    user = make_user()
    for _ in range(lockout.LIMIT):
        assert authenticate(None, username=user.username, password="wrong") is None
    assert authenticate(None, username=user.username, password=PASSWORD) is None


def _may_finish(user: User, fingerprint: str) -> bool:
    return last_check.may_finish(user=user, under_way=LogInUnderWay(password_fingerprint=fingerprint))


def test_nothing_changed_since_the_first_stage() -> None:
    user = make_user()
    assert _may_finish(user, log_in.fingerprint(user))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"is_active": False}, "not_in_force"),
        ({"ends_on": datetime.date(2020, 1, 1)}, "not_in_force"),
        ({"must_change_password": True}, "must_change_password"),
        ({"role": Role.AGENT}, "second_step"),
    ],
)
def test_what_changed_since_the_first_stage_keeps_out(change: dict[str, object], reason: str) -> None:
    user = make_user()
    fingerprint = log_in.fingerprint(user)
    for name, value in change.items():
        setattr(user, name, value)
    user.save()
    assert not _may_finish(user, fingerprint)
    assert SecurityEvent.objects.get().reason == reason


def test_a_password_changed_since_the_first_stage_keeps_out() -> None:
    user = make_user()
    fingerprint = log_in.fingerprint(user)
    password_policy.set_password(user=user, password=NEW_PASSWORD)
    assert not _may_finish(user, fingerprint)


def test_a_lock_since_the_first_stage_keeps_out() -> None:
    user = make_user()
    for _ in range(lockout.LIMIT):
        lockout.record_failure(username=user.username)
    assert not _may_finish(user, log_in.fingerprint(user))


def test_the_previous_log_in_is_the_one_before_this(travel: Travel) -> None:
    user = make_user()
    first = log_in.finish(user=user)
    travel(days=30)
    second = log_in.finish(user=user)
    log_in.finish(user=make_user())
    assert log_in.previous_log_in(user=user, this_log_in=second.pk) == first
    assert log_in.previous_log_in(user=user, this_log_in=first.pk) is None
    assert log_in.last_log_in(user=user) == second


@pytest.mark.parametrize(
    ("typed", "is_one"),
    [(" jo.smith@nhs.net ", True), ("999JSMITH01", False), ("jo@", False), ("", False), ("@" * 1000, False)],
)
def test_an_email_address_is_told_from_a_username(typed: str, is_one: bool) -> None:
    assert log_in.looks_like_an_email(typed) is is_one
