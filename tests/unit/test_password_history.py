"""The one way that a password is set, and the history that keeps the last four from being used again."""

from __future__ import annotations

import unicodedata

import pytest
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import PasswordHistory, User
from accounts.services import password_policy
from accounts.services.password_policy import HISTORY_LENGTH, PasswordRefused
from tests.support.factories import PASSWORD, make_user

FIVE = [
    "coffee train window",
    "marble lantern orchard",
    "harbour velvet biscuit",
    "tunnel daisy kettle",
    "plum quiet ferry",
]


@pytest.mark.django_db
def test_a_password_is_set_with_its_time_and_lifts_the_must_change_flag() -> None:
    user = make_user(must_change_password=True)
    password_policy.set_password(user=user, password=FIVE[0])
    user.refresh_from_db()
    assert user.check_password(FIVE[0])
    assert not user.must_change_password
    assert user.password_changed_at is not None


@pytest.mark.django_db
def test_setting_a_password_writes_nothing_else_of_the_person() -> None:
    user = make_user()
    User.objects.filter(pk=user.pk).update(is_active=False)
    password_policy.set_password(user=user, password=FIVE[0])
    assert not User.objects.get(pk=user.pk).is_active


@pytest.mark.django_db
def test_none_of_the_last_four_is_accepted_and_the_fifth_is() -> None:
    user = make_user(password=None)
    for password in FIVE:
        password_policy.set_password(user=user, password=password)
    for password in FIVE[1:]:
        with pytest.raises(PasswordRefused) as refused:
            password_policy.check(password=password, user=user)
        assert [rule.code for rule in refused.value.broken] == ["used_before"]
    password_policy.check(password=FIVE[0], user=user)


@pytest.mark.django_db
def test_the_current_password_is_the_first_of_the_four_also_where_the_history_does_not_have_it() -> None:
    user = make_user(password=PASSWORD)
    assert not PasswordHistory.objects.exists()
    assert password_policy.used_before(password=PASSWORD, user=user)
    for password in FIVE[:4]:
        PasswordHistory.objects.create(user=user, password=make_password(password))
    assert not password_policy.used_before(password=FIVE[0], user=user)
    assert password_policy.used_before(password=FIVE[1], user=user)


@pytest.mark.django_db
def test_the_same_password_typed_on_another_keyboard_is_the_same() -> None:
    user = make_user(password=None)
    password_policy.set_password(user=user, password="café Ångström lorry")
    assert password_policy.used_before(password=unicodedata.normalize("NFD", "café Ångström lorry"), user=user)
    assert user.check_password("ｃafé Ångström lorry")


@pytest.mark.django_db
def test_older_hashes_are_deleted_and_those_of_others_stay() -> None:
    user, other = make_user(), make_user()
    password_policy.set_password(user=other, password=FIVE[0])
    for password in FIVE:
        password_policy.set_password(user=user, password=password)
    assert PasswordHistory.objects.filter(user=user).count() == HISTORY_LENGTH
    assert PasswordHistory.objects.filter(user=user).first().password == user.password  # type: ignore[union-attr]
    assert PasswordHistory.objects.filter(user=other).count() == 1


@pytest.mark.django_db
def test_a_refused_password_changes_nothing() -> None:
    user = make_user()
    before = user.password
    for password in ("password1234", PASSWORD):
        with pytest.raises(PasswordRefused):
            password_policy.set_password(user=user, password=password)
    user.refresh_from_db()
    assert user.password == before
    assert not PasswordHistory.objects.exists()


@pytest.mark.django_db
def test_the_history_is_not_asked_about_a_password_that_is_refused_anyhow() -> None:
    user = make_user()
    with CaptureQueriesContext(connection) as queries, pytest.raises(PasswordRefused):
        password_policy.check(password="password1234", user=user)
    assert len(queries) == 0


@pytest.mark.django_db
def test_the_hash_is_made_before_the_transaction_that_stores_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hash in a transaction would hold the lock on SQLite for as long as it takes."""
    user = make_user()
    hash_it = make_password
    outside = len(connection.savepoint_ids)
    depths: list[int] = []

    def noted(password: str) -> str:
        depths.append(len(connection.savepoint_ids) - outside)
        return hash_it(password)

    monkeypatch.setattr(password_policy, "make_password", noted)
    password_policy.set_password(user=user, password=FIVE[0])
    assert depths == [0]
