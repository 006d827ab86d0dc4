"""Ten codes on paper."""

from __future__ import annotations

import math

import pytest
from django.contrib.auth.hashers import make_password
from django_otp.models import Device

from accounts.models import OutboxMessage, RecoveryCodes, SecurityEvent, User
from accounts.models.outbox import Kind
from accounts.models.security_event import Event
from accounts.sealing import CannotOpen
from accounts.services import second_step
from accounts.services.second_step import recovery_codes
from tests.support.factories import NEW_PASSWORD, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> User:
    return make_user()


def use(user: User, code: str) -> str:
    typed = recovery_codes.as_typed(code)
    assert typed
    return recovery_codes.use(user=user, code=typed)


def test_ten_codes_of_at_least_49_bits_without_letters_that_look_alike(user: User) -> None:
    codes = recovery_codes.make(user=user)
    assert len(set(codes)) == 10
    assert {(len(first), len(second)) for first, second in (code.split("-") for code in codes)} == {(5, 5)}
    assert math.log2(len(recovery_codes.LETTERS)) * recovery_codes.LENGTH >= 49
    assert set("".join(codes)).isdisjoint("0o1il")


def test_a_code_is_good_once_and_the_others_stay(user: User) -> None:
    first, second, *_ = recovery_codes.make(user=user)
    device = Device.from_persistent_id(use(user, first))
    assert isinstance(device, RecoveryCodes)
    with pytest.raises(second_step.WrongRecoveryCode):
        use(user, first)
    assert use(user, second)
    assert recovery_codes.left(user=user) == 8
    happened = SecurityEvent.objects.filter(user=user).order_by("pk").values_list("event", flat=True)
    assert list(happened) == [
        Event.RECOVERY_CODES_MADE,
        Event.RECOVERY_CODE_USED,
        Event.SECOND_STEP_FAILED,
        Event.RECOVERY_CODE_USED,
    ]


def test_new_codes_end_the_old_ones_and_the_person_is_told(user: User) -> None:
    old = recovery_codes.make(user=user)[0]
    recovery_codes.make(user=user)
    with pytest.raises(second_step.WrongRecoveryCode):
        use(user, old)
    assert OutboxMessage.objects.filter(kind=Kind.RECOVERY_CODES_MADE, about__users=[user.pk]).count() == 2


@pytest.mark.parametrize(
    "typed",
    ["7KQM9-X2VHD", " 7kqm9 x2vhd ", "7kqm9x2vhd", "7kqm9\u2011x2vhd", "7kqm9\u200b-x2vhd", "７ｋｑｍ９－ｘ２ｖｈｄ"],
)
def test_case_blanks_hyphens_and_full_width_are_forgiven(typed: str) -> None:
    assert recovery_codes.as_typed(typed) == "7kqm9x2vhd"


@pytest.mark.parametrize("typed", ["", "7kqm9-x2vh", "7kqm9-x2vhdd", "7kqm9-x2vh0", "123456", "é" * 10])
def test_what_is_no_code_by_its_form_is_told_apart(typed: str) -> None:
    assert recovery_codes.as_typed(typed) is None


def test_the_code_of_another_person_is_worth_nothing(user: User) -> None:
    recovery_codes.make(user=user)
    theirs = recovery_codes.make(user=make_user())[0]
    with pytest.raises(second_step.WrongRecoveryCode):
        use(user, theirs)


def test_a_row_that_is_moved_to_another_person_opens_for_neither(user: User) -> None:
    """Threat: a writer of the database gives a person's account the codes of their own."""
    mine = recovery_codes.make(user=make_user())[0]
    RecoveryCodes.objects.update(user=user)
    with pytest.raises(second_step.CannotBeChecked) as refused:
        use(user, mine)
    assert isinstance(refused.value.__cause__, CannotOpen)
    assert not SecurityEvent.objects.filter(event=Event.SECOND_STEP_FAILED).exists()


def test_without_codes_none_passes_and_nothing_is_counted(user: User) -> None:
    with pytest.raises(second_step.NoRecoveryCodes):
        use(user, "7kqm9-x2vhd")
    assert not SecurityEvent.objects.exists()


def test_the_last_code_leaves_its_row_for_the_session_that_it_opened(user: User) -> None:
    for code in recovery_codes.make(user=user):
        device = use(user, code)
    assert recovery_codes.left(user=user) == 0
    assert Device.from_persistent_id(device) is not None


def test_no_codes_are_made_for_a_password_of_before(user: User) -> None:
    as_read_before = User.objects.get(pk=user.pk)
    User.objects.filter(pk=user.pk).update(password=make_password(NEW_PASSWORD))
    with pytest.raises(second_step.PasswordChanged):
        recovery_codes.make(user=as_read_before)


def test_no_code_is_in_the_database_in_clear(user: User) -> None:
    codes = recovery_codes.make(user=user)
    stored = str(RecoveryCodes.objects.values_list("sealed", flat=True).get())
    for code in codes:
        assert code not in stored
        assert code.replace("-", "") not in stored
