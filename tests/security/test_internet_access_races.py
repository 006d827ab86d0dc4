"""Threat: changes that exclude each other are sent at once, and more than one takes effect."""

from __future__ import annotations

from collections.abc import Callable
from http.cookies import SimpleCookie

import pytest

from accounts.browser import about
from accounts.log_in_under_way import LogInUnderWay
from accounts.models import OutboxMessage, PasswordHistory, SecurityEvent, User
from accounts.models.outbox import Kind
from accounts.models.security_event import Event
from accounts.services import internet_access, last_check, log_in, password_change, sessions
from tests.security.test_internet_access import grant
from tests.support.care_identity import OUTSIDE, link, log_in_by_care_identity, smartcard, trust
from tests.support.factories import PASSWORD, make_user
from tests.support.steps import PortalClient
from tests.support.threads import all_at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


@pytest.fixture
def user() -> User:
    """Return a person with a smartcard, at an organisation whose network the tests are in."""
    user = link(make_user())
    trust(user.organisation)
    return user


def counted(event: Event) -> int:
    return SecurityEvent.objects.filter(event=event).count()


def test_of_many_forms_sent_at_once_one_is_taken(user: User) -> None:
    """Each of them saw the same password before: it is replaced once, with one mail."""
    passwords = [f"velvet harbour biscuit {n:02}" for n in range(8)]
    answers = all_at_once([grant(user, password) for password in passwords])
    assert sorted(type(answer).__name__ for answer in answers) == ["ChangedMeanwhile"] * 7 + ["User"]
    user.refresh_from_db()
    [won] = [password for password, answer in zip(passwords, answers, strict=True) if isinstance(answer, User)]
    assert user.check_password(won)
    assert PasswordHistory.objects.filter(user=user).count() == 1
    assert counted(Event.INTERNET_ACCESS_GRANTED) == OutboxMessage.objects.count() == 1


def test_a_form_that_is_sent_twice_at_once_leaves_its_browser_logged_in(user: User) -> None:
    """A double click: one of the two is taken, and the session goes on with its answer."""
    browser, same = log_in_by_care_identity(PortalClient(), user), PortalClient()
    same.cookies = SimpleCookie({name: morsel.value for name, morsel in browser.cookies.items()})
    form = {
        "about": about.person(user),
        "email_shown": internet_access.email_digest(user=user),
        "is_their_email": "yes",
        "new_password": "velvet harbour biscuit",
    }

    def send(client: PortalClient) -> PortalClient | None:
        return client if client.post("/internet-access/", form).headers.get("Location") == "/internet-access/" else None

    taken = [answer for answer in all_at_once([lambda: send(browser), lambda: send(same)]) if answer]
    assert len(taken) == counted(Event.INTERNET_ACCESS_GRANTED) == 1
    assert taken[0].get("/my-esr/").status_code == 200


def test_withdrawn_while_it_is_given_is_one_or_the_other(user: User) -> None:
    internet_access.grant_by_helpdesk(user=user, by=make_user())
    User.objects.filter(pk=user.pk).update(internet_access_since=None)

    def withdraw() -> bool:
        return internet_access.withdraw(user=user, by=None)

    for password in ("velvet harbour biscuit", "amber lantern meadow", "copper thistle wagon", "winter saddle pebble"):
        user.refresh_from_db()
        before = counted(Event.INTERNET_ACCESS_GRANTED) - counted(Event.INTERNET_ACCESS_WITHDRAWN)
        was_on = internet_access.status(user=user) is internet_access.Status.ON
        given, withdrawn = all_at_once([grant(user, password), withdraw])
        assert isinstance(given, User), given
        assert isinstance(withdrawn, bool), withdrawn
        user.refresh_from_db()
        is_on = internet_access.status(user=user) is internet_access.Status.ON
        after = counted(Event.INTERNET_ACCESS_GRANTED) - counted(Event.INTERNET_ACCESS_WITHDRAWN)
        # The events add up to the state of the account.
        assert after - before == is_on - was_on


def test_withdrawn_many_times_at_once_is_withdrawn_once(user: User) -> None:
    internet_access.grant_by_helpdesk(user=user, by=make_user())
    answers = all_at_once([lambda: internet_access.withdraw(user=user, by=None)] * 8)
    assert sorted(answers) == [False] * 7 + [True]
    assert OutboxMessage.objects.filter(kind=Kind.INTERNET_ACCESS_WITHDRAWN).count() == 1


def test_given_many_times_at_once_by_the_helpdesk_is_given_once(user: User) -> None:
    agent = make_user()
    answers = all_at_once([lambda: internet_access.grant_by_helpdesk(user=user, by=agent)] * 8)
    assert sorted(answers) == [False] * 7 + [True]
    assert OutboxMessage.objects.filter(kind=Kind.INTERNET_ACCESS_GRANTED).count() == 1


def test_of_many_changes_by_smartcard_sent_at_once_one_is_taken(user: User) -> None:
    def change(password: str) -> Callable[[], User]:
        return lambda: password_change.change_after_care_identity(
            user=user, proof=smartcard(), new_password=password, session_key=None
        )

    passwords = [f"velvet harbour biscuit {n:02}" for n in range(6)]
    answers = all_at_once([change(password) for password in passwords])
    assert sorted(type(answer).__name__ for answer in answers) == ["ChangedMeanwhile"] * 5 + ["User"]
    assert counted(Event.PASSWORD_CHANGED) == 1


def test_a_log_in_under_way_from_outside_does_not_outlive_a_withdrawal(user: User) -> None:
    """Threat: the first stage is passed before the withdrawal, and the last one after it."""
    internet_access.grant_by_helpdesk(user=user, by=make_user())
    checked = log_in.check_password(username=user.username, password=PASSWORD, address=OUTSIDE)
    assert checked.user
    internet_access.withdraw(user=user, by=None)
    assert not sessions.end_all(user=user)
    under_way = LogInUnderWay(password_fingerprint=log_in.fingerprint(checked.user))
    as_they_are_now = User.objects.get(pk=user.pk)
    assert not last_check.may_finish(user=as_they_are_now, under_way=under_way, address=OUTSIDE)
