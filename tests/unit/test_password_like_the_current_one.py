"""A new password is not the current one with a small change at one end."""

from __future__ import annotations

import pytest
from django.contrib.auth.hashers import make_password

from accounts.models import User
from accounts.services import password_policy
from accounts.services.password_policy import PasswordRefused
from tests.support.factories import make_user

CURRENT = "marble lantern orchard"


@pytest.fixture
def user() -> User:
    return make_user(password=CURRENT)


def refused(password: str, user: User) -> str:
    with pytest.raises(PasswordRefused) as refusal:
        password_policy.check(password=password, user=user)
    [rule] = refusal.value.broken
    assert rule.code == "used_before"
    return rule.message


@pytest.mark.django_db
@pytest.mark.parametrize(
    "password", [f"{CURRENT} 2", f"{CURRENT}!", f"{CURRENT}2026", f"1{CURRENT}", f"2. {CURRENT}", f" {CURRENT}"]
)
def test_the_current_one_with_something_added_is_refused_and_told_as_such(password: str, user: User) -> None:
    """Threat: an attacker who has an old password, from a leak elsewhere, tries what people make of it."""
    assert "your current password with a small change" in refused(password, user)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("current", "password"),
    [
        (f"{CURRENT} 1", f"{CURRENT} 2"),
        (f"{CURRENT}9!", f"{CURRENT}10!"),
        (f"{CURRENT} 2025", f"{CURRENT} 2026"),
        (f"{CURRENT} 09", f"{CURRENT} 10"),
        (f"{CURRENT}099", f"{CURRENT}100"),
        (f"{CURRENT} 9999", f"{CURRENT} 10000"),
    ],
)
def test_the_next_number_is_no_new_password(current: str, password: str, user: User) -> None:
    user.password = make_password(current)
    refused(password, user)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("current", "password"),
    [
        (f"7 {CURRENT}", f"!7 {CURRENT}"),
        (f"7 {CURRENT}", f"17 {CURRENT}"),
        (f"({CURRENT}", f"12({CURRENT}"),
        (f" {CURRENT}", f"!! {CURRENT}"),
        (f"{CURRENT}2026", f"!{CURRENT}2026"),
        (f"{CURRENT} 0099", f"12 {CURRENT} 0099"),
        (f"{CURRENT}!", f"{CURRENT}!2026"),
    ],
)
def test_something_added_before_a_digit_or_a_mark_is_no_new_password(current: str, password: str, user: User) -> None:
    user.password = make_password(current)
    refused(password, user)


@pytest.mark.django_db
@pytest.mark.parametrize("password", ["marble lantern orchards 2", "plum quiet ferry 2", f"{CURRENT} at noon"])
def test_what_is_changed_more_passes(password: str, user: User) -> None:
    password_policy.check(password=password, user=user)


def test_there_are_at_most_seven_ways_back_and_none_from_what_has_nothing_at_its_ends() -> None:
    assert password_policy._ways_back("7 marble lantern 123!") == [
        "7 marble lantern 122!",
        "marble lantern 123!",
        "7 marble lantern ",
        "7 marble lantern 1",
        "7 marble lantern 12",
        "7 marble lantern 123",
        " marble lantern 123!",
    ]
    assert password_policy._ways_back(CURRENT) == []


@pytest.mark.django_db
def test_a_person_without_a_password_has_none_to_resemble() -> None:
    person = make_user(password=None)
    password_policy.check(password=f"{CURRENT} 2", user=person)
