"""What goes when a way goes, or a new one takes its place: counts of wrong codes, and recovery codes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone
from django_otp_webauthn.models import WebAuthnCredential as Passkey

from accounts.models import RecoveryCodes, SecondStepRecord, User
from accounts.services import second_step
from accounts.services.second_step import passkeys, recovery_codes
from tests.support.authenticator import PhoneApp
from tests.support.factories import make_user
from tests.support.passkeys import registered

pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> User:
    return make_user()


def replace_app(user: User, new: PhoneApp, secret: str) -> None:
    second_step.set_up(user=user, secret=secret, code=new.code(), replace=True)


def set_up_anew(user: User, new: PhoneApp, secret: str) -> None:
    second_step.remove_authenticator(user=user)
    second_step.set_up(user=user, secret=secret, code=new.code())


@pytest.mark.parametrize("confirm", [replace_app, set_up_anew])
@pytest.mark.parametrize("in_a_row", [20, 100])
def test_neither_the_days_cap_nor_the_hundred_follows_a_person_onto_a_new_phone(
    user: User, confirm: Callable[[User, PhoneApp, str], None], in_a_row: int
) -> None:
    old, now = PhoneApp.of(user), timezone.now()
    SecondStepRecord.objects.create(
        user=user, wrong_in_a_row=in_a_row, wrong_today=20, day_began_at=now, last_wrong_at=now
    )
    secret = second_step.new_secret()
    new = PhoneApp(secret)
    with pytest.raises(second_step.WrongCode):
        second_step.set_up(user=user, secret=secret, code=new.wrong_code(), replace=True)
    with pytest.raises(second_step.TooManyWrongCodes):
        second_step.check(user=user, code=old.code())
    confirm(user, new, secret)
    assert second_step.check(user=user, code=new.next_code())


def test_what_replaces_all_that_was_lost_begins_without_wrong_codes(user: User) -> None:
    PhoneApp.of(user)
    now = timezone.now()
    SecondStepRecord.objects.create(
        user=user,
        wrong_in_a_row=100,
        wrong_today=20,
        day_began_at=now,
        last_wrong_at=now,
        wrong_recovery_in_a_row=100,
        last_wrong_recovery_at=now,
    )
    _, passkey = registered(user)
    second_step.replace_all(user=user, but=passkey.persistent_id)
    assert second_step.check(user=user, code=PhoneApp.of(user).code())
    assert SecondStepRecord.objects.get().wrong_recovery_in_a_row == 0


def remove_app(user: User) -> None:
    second_step.remove_authenticator(user=user)


def remove_passkey(user: User) -> None:
    passkeys.remove(user=user, pk=Passkey.objects.filter(user=user)[0].pk)


@pytest.mark.parametrize(("ways", "last"), [("app", remove_app), ("passkey", remove_passkey)])
def test_recovery_codes_go_with_the_last_way_that_they_stood_in_for(
    user: User, ways: str, last: Callable[[User], None]
) -> None:
    """Threat: a paper that was thrown away with the app opens the account again, once there is another app."""
    if ways == "app":
        PhoneApp.of(user)
    else:
        registered(user)
    code = recovery_codes.as_typed(recovery_codes.make(user=user)[0]) or ""
    last(user)
    assert not RecoveryCodes.objects.exists()
    PhoneApp.of(user)
    with pytest.raises(second_step.NoRecoveryCodes):
        recovery_codes.use(user=user, code=code)


@pytest.mark.parametrize("left", ["app", "passkey", "stopped passkey"])
def test_they_stay_for_the_way_that_is_left(user: User, left: str) -> None:
    _, passkey = registered(user)
    if left == "app":
        PhoneApp.of(user)
        code = recovery_codes.make(user=user)[0]
        passkeys.remove(user=user, pk=passkey.pk)
    else:
        PhoneApp.of(user)
        code = recovery_codes.make(user=user)[0]
        Passkey.objects.update(confirmed=left == "passkey")
        second_step.remove_authenticator(user=user)
    assert recovery_codes.use(user=user, code=recovery_codes.as_typed(code) or "")


def test_they_stay_where_the_last_way_has_to_stay() -> None:
    agent = make_user(is_staff=True)
    _, passkey = registered(agent)
    recovery_codes.make(user=agent)
    with pytest.raises(second_step.LastWay):
        passkeys.remove(user=agent, pk=passkey.pk)
    assert recovery_codes.left(user=agent) == 10
