"""Browsers in which a person is not asked for a second step: which count, and what ends them."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import pytest
from django.contrib.auth.hashers import make_password
from django.utils import timezone
from django_otp_webauthn.models import WebAuthnCredential as Passkey
from pytest_django import DjangoAssertNumQueries

from accounts import trusted_networks
from accounts.models import Authenticator, OutboxMessage, RecoveryCodes, RememberedBrowser, SecurityEvent, User
from accounts.models.role import Role
from accounts.models.security_event import Event
from accounts.services import events
from accounts.services.second_step import remembered_browsers
from accounts.services.second_step.remembered_browsers import Remembered, Shown
from tests.support.authenticator import PhoneApp
from tests.support.factories import NEW_PASSWORD, make_user
from tests.support.remembered_browsers import CHROME, FIREFOX
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db


@pytest.fixture
def jo() -> User:
    user = make_user()
    PhoneApp.of(user)
    return user


def remembered(user: User) -> Remembered:
    made = remembered_browsers.remember(user=user)
    assert made is not None
    return made


def use(user: User, shown: Shown, *, shared: bool = False) -> Remembered | None:
    return remembered_browsers.use(user=User.objects.get(pk=user.pk), shown=shown, shared=shared)


def told(user: User) -> list[tuple[str, str]]:
    return list(SecurityEvent.objects.filter(user=user).order_by("pk").values_list("event", "reason"))


def test_a_remembered_browser_counts_on_at_each_use(jo: User) -> None:
    cookie = remembered(jo)
    for counter in (1, 2, 3):
        used = use(jo, cookie.shown)
        assert used is not None
        assert used.shown == Shown(cookie.shown.series, counter)
        cookie = used
    row = RememberedBrowser.objects.get()
    assert (row.counter, row.pk) == (3, cookie.pk)
    assert cookie.shown.series not in row.series, "a copy of the database makes no cookie"
    assert told(jo) == [(Event.BROWSER_REMEMBERED, "")]


def test_an_older_counter_is_a_copy_and_ends_the_series_for_both(jo: User) -> None:
    """Threat: a thief has copied the cookie, and the owner has used theirs since; or the other way round."""
    first = remembered(jo)
    second = use(jo, first.shown)
    assert second is not None
    assert use(jo, first.shown) is None
    assert use(jo, second.shown) is None
    assert told(jo)[1:] == [(Event.BROWSER_COPIED, "")]
    mail = OutboxMessage.objects.get()
    assert (mail.kind, mail.about["users"]) == ("browser_copied", [jo.pk])
    assert SecurityEvent.objects.get(pk=mail.about["event"]).event == Event.BROWSER_COPIED


def test_it_lasts_thirty_days_from_the_tick_however_often_it_is_used(jo: User, travel: Travel) -> None:
    cookie = remembered(jo)
    travel(days=29, hours=23)
    used = use(jo, cookie.shown)
    assert used is not None
    assert used.lasts <= datetime.timedelta(hours=1)
    travel(hours=1)
    assert use(jo, used.shown) is None
    assert told(jo)[1:] == [(Event.BROWSER_FORGOTTEN, "thirty_days_over")]


def _new_password(user: User) -> None:
    User.objects.filter(pk=user.pk).update(password=make_password(NEW_PASSWORD))


def _passkey(user: User) -> object:
    return Passkey.objects.create(
        user=user, credential_id=b"1", public_key=b"2", aaguid="0" * 32, transports=[], confirmed=True
    )


CHANGES: dict[str, Callable[[User], object]] = {
    "another password": _new_password,
    "a passkey added": _passkey,
    "the app removed": lambda user: Authenticator.objects.filter(user=user).delete(),
    "another app": lambda user: (Authenticator.objects.filter(user=user).delete(), PhoneApp.of(user)),
    "codes made anew": lambda user: RecoveryCodes.objects.create(user=user, name="codes", confirmed=True),
}


@pytest.mark.parametrize("change", CHANGES)
def test_it_ends_with_the_password_and_with_any_change_of_the_second_step(jo: User, change: str) -> None:
    cookie = remembered(jo)
    CHANGES[change](jo)
    assert remembered_browsers.of(user=User.objects.get(pk=jo.pk)) == []
    assert use(jo, cookie.shown) is None
    assert told(jo)[1:] == [(Event.BROWSER_FORGOTTEN, "password_or_second_step_changed")]


def test_it_costs_few_queries(jo: User, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    cookie = remembered(jo)
    with django_assert_num_queries(5):
        assert remembered_browsers.use(user=jo, shown=cookie.shown, shared=False)
    with django_assert_num_queries(4):
        assert remembered_browsers.still_stands(user=jo, pk=cookie.pk, ways=cookie.ways)


@pytest.mark.parametrize("change", CHANGES)
def test_a_log_in_under_way_stands_after_a_new_password_and_after_no_change_of_the_second_step(
    jo: User, change: str
) -> None:
    cookie = remembered(jo)
    CHANGES[change](jo)
    now = User.objects.get(pk=jo.pk)
    stands = remembered_browsers.still_stands(user=now, pk=cookie.pk, ways=cookie.ways)
    assert stands is (change == "another password")


def test_a_recovery_code_that_was_used_ends_nothing(jo: User) -> None:
    RecoveryCodes.objects.create(user=jo, name="codes", confirmed=True, sealed=["a", "b"])
    cookie = remembered(jo)
    RecoveryCodes.objects.update(sealed=["a"])
    assert use(jo, cookie.shown)


def test_it_is_worth_nothing_for_another_person_and_in_another_kind_of_browser(jo: User) -> None:
    other = make_user()
    with events.coming_from(events.Origin(user_agent=CHROME)):
        cookie = remembered(jo)
        assert use(other, cookie.shown) is None
    with events.coming_from(events.Origin(user_agent=FIREFOX)):
        assert use(jo, cookie.shown) is None
    assert told(jo)[1:] == [(Event.BROWSER_FORGOTTEN, "another_kind_of_browser")]
    assert told(other) == []


@pytest.mark.parametrize(
    ("facts", "shared", "reason"),
    [
        ({}, True, "shared_computer"),
        ({"role": Role.AGENT}, False, "may_use_admin"),
        ({"password_frozen_at": datetime.datetime(2026, 11, 1, tzinfo=datetime.UTC)}, False, "password_frozen"),
    ],
)
def test_no_browser_is_remembered_for_these(jo: User, facts: dict[str, object], shared: bool, reason: str) -> None:
    cookie = remembered(jo)
    User.objects.filter(pk=jo.pk).update(**facts)
    now = User.objects.get(pk=jo.pk)
    assert not remembered_browsers.may_remember(user=now, shared=shared)
    assert shared or (remembered_browsers.remember(user=now) is None and remembered_browsers.of(user=now) == [])
    assert shared or not remembered_browsers.still_stands(user=now, pk=cookie.pk, ways=cookie.ways)
    assert use(jo, cookie.shown, shared=shared) is None
    assert told(jo)[1:] == [(Event.BROWSER_FORGOTTEN, reason)]


def test_a_laptop_that_visits_a_ward_is_asked_there_and_remembered_at_home(jo: User) -> None:
    cookie = remembered(jo)
    jo.organisation.trusted_networks.create(network="10.20.0.0/16", is_shared=True)
    trusted_networks.SHARED.forget()
    with events.coming_from(events.Origin(address="10.20.1.2")):
        assert not remembered_browsers.may_remember(user=jo, shared=False)
        assert remembered_browsers.remember(user=jo) is None
        assert use(jo, cookie.shown) is None
    assert use(jo, cookie.shown)
    trusted_networks.SHARED.forget()


def test_ten_are_remembered_and_the_one_that_was_used_longest_ago_goes(jo: User, travel: Travel) -> None:
    cookies = []
    for _ in range(remembered_browsers.MOST):
        cookies.append(remembered(jo))
        travel(minutes=1)
    assert use(jo, cookies[0].shown)
    travel(minutes=1)
    newest = remembered(jo)
    left = [row.pk for row in remembered_browsers.of(user=jo)]
    assert left == [newest.pk, cookies[0].pk, *(cookie.pk for cookie in reversed(cookies[2:]))]


def test_a_browser_that_is_remembered_anew_is_remembered_once(jo: User) -> None:
    old = remembered(jo)
    new = remembered_browsers.remember(user=jo, in_place_of=old.shown.series)
    assert new is not None
    assert [row.pk for row in remembered_browsers.of(user=jo)] == [new.pk]


def test_a_person_forgets_their_own_and_no_other_persons(jo: User) -> None:
    mine, theirs = remembered(jo), remembered(make_user())
    assert not remembered_browsers.forget(user=jo, pk=theirs.pk)
    assert remembered_browsers.forget(user=jo, pk=mine.pk)
    assert not remembered_browsers.forget(user=jo, pk=mine.pk)
    assert told(jo)[1:] == [(Event.BROWSER_FORGOTTEN, "")]
    assert RememberedBrowser.objects.get().pk == theirs.pk


def test_all_of_a_person_are_forgotten_at_once_with_one_event(jo: User) -> None:
    for user in (jo, jo, make_user()):
        remembered(user)
    assert remembered_browsers.forget_all(user=jo, reason="not_me") == 2
    assert remembered_browsers.forget_all(user=jo, reason="not_me") == 0
    assert told(jo)[2:] == [(Event.BROWSER_FORGOTTEN, "not_me")]
    assert RememberedBrowser.objects.count() == 1


def test_old_ones_are_tidied_away(jo: User) -> None:
    old, new = remembered(jo), remembered(jo)
    RememberedBrowser.objects.filter(pk=old.pk).update(made_at=timezone.now() - remembered_browsers.LASTS)
    assert remembered_browsers.delete_old() == 1
    assert RememberedBrowser.objects.get().pk == new.pk
