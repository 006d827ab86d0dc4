"""Which accounts a person can go to from the one in use."""

from __future__ import annotations

import datetime

import pytest
from django.utils import timezone

from accounts.models import SecurityEvent, User
from accounts.services import switching
from accounts.services.switching import Way
from tests.support.care_identity import an_app, let_apps_in, link, smartcard
from tests.support.factories import make_user
from tests.support.two_accounts import make_southern

pytestmark = pytest.mark.django_db


@pytest.fixture
def north() -> User:
    return link(make_user())


@pytest.fixture
def south() -> User:
    return link(make_southern())


def test_one_care_identity_links_accounts_and_nothing_else_does(north: User, south: User) -> None:
    same_mailbox = make_user(email=north.email, given_name=north.given_name, date_of_birth=north.date_of_birth)
    link(make_user(), "555000000111")
    assert list(switching.linked(user=north, proof=smartcard())) == [south]
    assert list(switching.linked(user=south, proof=smartcard())) == [north]
    assert list(switching.linked(user=north, proof=None)) == []
    assert list(switching.linked(user=same_mailbox, proof=smartcard(uid="555000000222"))) == []


def test_an_account_that_a_log_in_would_not_open_now_is_not_linked(north: User, south: User) -> None:
    # The northern organisation takes level 2, the southern one asks for 3.
    let_apps_in(north)
    assert list(switching.linked(user=north, proof=an_app())) == []
    let_apps_in(south)
    assert list(switching.linked(user=north, proof=an_app())) == [south]
    yesterday = timezone.localdate() - datetime.timedelta(days=1)
    for change in ({"is_active": False}, {"is_active": True, "ends_on": yesterday}):
        User.objects.filter(pk=south.pk).update(**change)
        assert list(switching.linked(user=north, proof=an_app())) == []


def test_what_is_logged_in_comes_before_a_way_that_asks_for_more(north: User, south: User) -> None:
    third = make_user()
    kept = {south.pk: True, third.pk: False}
    ways = {account.user: account.way for account in switching.accounts(user=north, proof=smartcard(), kept=kept)}
    assert ways == {south: Way.LOGGED_IN, third: Way.LOG_IN_AGAIN}
    kept[south.pk] = False
    ways = {account.user: account.way for account in switching.accounts(user=north, proof=smartcard(), kept=kept)}
    assert ways == {south: Way.CARE_IDENTITY, third: Way.LOG_IN_AGAIN}
    assert switching.accounts(user=third, proof=None, kept={}) == []


def test_neither_event_of_a_switch_names_the_other_account(north: User, south: User) -> None:
    switching.record(left=north.pk, entered=south.pk)
    events = SecurityEvent.objects.order_by("pk").values_list("user", "by", "reason", "reference")
    assert [*map(list, events)] == [[north.pk, None, "left", ""], [south.pk, None, "entered", ""]]
