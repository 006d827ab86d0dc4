"""A code from the helpdesk for a person who has lost every second step."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from accounts.models import BootstrapCode, SecurityEvent, User
from accounts.models.security_event import Event
from accounts.services import freezing, second_step
from accounts.services.second_step import bootstrap_codes
from tests.support.factories import make_user
from tests.support.freezing import recover
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> User:
    return make_user()


@pytest.fixture
def code(user: User) -> str:
    typed = bootstrap_codes.as_typed(bootstrap_codes.make(user=user, by=None))
    assert typed
    return typed


def another(code: str) -> str:
    return f"{(int(code) + 1) % 10**8:08}"


def refused(user: User, code: str) -> None:
    with pytest.raises(second_step.WrongBootstrapCode):
        bootstrap_codes.use(user=user, code=code)


def test_it_is_good_once_and_names_the_agent(user: User) -> None:
    agent = make_user(is_staff=True)
    code = bootstrap_codes.as_typed(bootstrap_codes.make(user=user, by=agent)) or ""
    bootstrap_codes.use(user=user, code=code)
    refused(user, code)
    happened = SecurityEvent.objects.filter(user=user).order_by("pk").values_list("event", "by")
    assert list(happened) == [
        (Event.BOOTSTRAP_CODE_MADE, agent.pk),
        (Event.BOOTSTRAP_CODE_USED, None),
        (Event.SECOND_STEP_FAILED, None),
    ]


def test_it_works_while_a_new_secret_key_takes_the_place_of_the_old(user: User, settings: Settings) -> None:
    code = bootstrap_codes.as_typed(bootstrap_codes.make(user=user, by=None)) or ""
    old, settings.SECRET_KEY = settings.SECRET_KEY, "a-new-key"
    refused(user, code)
    settings.SECRET_KEY_FALLBACKS = ["older-still", old]
    refused(user, another(code))
    bootstrap_codes.use(user=user, code=code)


def test_it_is_over_after_an_hour_and_tidied_away(user: User, code: str, travel: Travel) -> None:
    travel(hours=1, seconds=1)
    assert bootstrap_codes.delete_ended() == 1
    refused(user, code)
    bootstrap_codes.make(user=user, by=None)
    assert bootstrap_codes.delete_ended() == 0


def test_an_hour_is_over_before_it_is_tidied_away(user: User, code: str, travel: Travel) -> None:
    travel(hours=1, seconds=1)
    refused(user, code)


def test_a_hundred_wrong_tries_kill_it(user: User, code: str) -> None:
    BootstrapCode.objects.update(wrong_tries=98)
    for _ in range(2):
        refused(user, another(code))
    refused(user, code)


def test_fewer_do_not(user: User, code: str) -> None:
    """Threat: a stranger who knows the password types five wrong codes, and the owner's is gone."""
    for _ in range(10):
        refused(user, another(code))
    BootstrapCode.objects.update(wrong_tries=99)
    bootstrap_codes.use(user=user, code=code)


def test_a_new_one_ends_the_older(user: User, code: str) -> None:
    bootstrap_codes.make(user=user, by=None)
    refused(user, code)


def test_this_was_not_me_ends_it_also_for_the_time_after_recovery(user: User, code: str) -> None:
    """Threat: a code that a thief talked out of the helpdesk opens the account of an owner who has stopped it."""
    freezing.freeze(user=user)
    assert not BootstrapCode.objects.exists()
    recover(user)
    refused(user, code)
    bootstrap_codes.use(user=user, code=bootstrap_codes.as_typed(bootstrap_codes.make(user=user, by=None)) or "")


def test_it_is_one_persons_alone(code: str) -> None:
    other = make_user()
    bootstrap_codes.make(user=other, by=None)
    refused(other, code)


def test_the_database_holds_a_digest(code: str) -> None:
    assert code not in str(BootstrapCode.objects.values().get())


@pytest.mark.parametrize("typed", ["12345678", "1234 5678", "1234-5678", " １２３４ ５６７８ "])
def test_blanks_hyphens_and_full_width_are_forgiven(typed: str) -> None:
    assert bootstrap_codes.as_typed(typed) == "12345678"


@pytest.mark.parametrize("typed", ["", "123456", "1234567a", "٠١٢٣٤٥٦٧"])
def test_what_is_no_code_is_told_apart(typed: str) -> None:
    assert bootstrap_codes.as_typed(typed) is None
