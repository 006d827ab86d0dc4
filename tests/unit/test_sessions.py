"""How long a person stays logged in."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from accounts import session_limits
from accounts.models import Session, User
from accounts.models.session import stored_key
from accounts.services import sessions
from accounts.session_store import SessionStore
from tests.support.factories import make_user
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db


def begun() -> dict[str, Any]:
    session: dict[str, Any] = {}
    sessions.begin(session=session, log_in_event=7)
    return session


def stored(user: User | None) -> str:
    """Return the key of a stored session of `user`, or of a visitor."""
    store = SessionStore()
    if user is not None:
        store["_auth_user_id"] = str(user.pk)
    store.save(must_create=True)
    assert store.session_key
    return store.session_key


def test_the_limits_are_those_of_the_standard() -> None:
    """OWASP Session Management: 15 minutes and 8 hours; 10 minutes and 4 hours for the admin."""
    minutes = datetime.timedelta(minutes=1)
    assert sessions.limits(user=User(is_staff=False), session={}) == session_limits.Limits(
        idle=15 * minutes, absolute=480 * minutes
    )
    assert sessions.limits(user=User(is_staff=True), session={}) == session_limits.Limits(
        idle=10 * minutes, absolute=240 * minutes
    )


def test_a_session_is_over_after_fifteen_idle_minutes(user: User, travel: Travel) -> None:
    session = begun()
    travel(minutes=14, seconds=50)
    assert not sessions.is_over(session=session, user=user)
    travel(seconds=11)
    assert sessions.is_over(session=session, user=user)


def test_a_session_of_a_clock_that_was_ahead_does_not_outlast_its_limit(user: User, travel: Travel) -> None:
    """Threat: at a shared computer the session of a day ahead is there for the next person a day later."""
    travel(hours=2)
    session = begun()
    assert not sessions.is_over(session=session, user=user)
    travel.back()
    assert sessions.is_over(session=session, user=user)
    assert sessions.began(session=session, user=user) is None


def test_clocks_that_are_minutes_apart_end_no_session(user: User, travel: Travel) -> None:
    travel(minutes=14)
    session = begun()
    travel.back()
    assert not sessions.is_over(session=session, user=user)


def test_each_request_puts_the_idle_end_off_but_not_the_absolute_one(user: User, travel: Travel) -> None:
    session = begun()
    for _ in range(48):
        assert not sessions.is_over(session=session, user=user)
        sessions.note_seen(session=session)
        travel(minutes=10, seconds=1)
    assert sessions.is_over(session=session, user=user)


def test_an_admins_session_is_over_sooner(travel: Travel) -> None:
    session = begun()
    travel(minutes=10, seconds=1)
    assert sessions.is_over(session=session, user=make_user(is_staff=True))
    assert not sessions.is_over(session=session, user=make_user())


def test_a_session_without_its_clocks_is_over(user: User) -> None:
    assert sessions.is_over(session={}, user=user)
    assert sessions.is_over(session={"started_at": 1.0}, user=user)


def test_requests_in_quick_succession_write_once(travel: Travel) -> None:
    session = begun()
    before = dict(session)
    travel(seconds=20)
    sessions.note_seen(session=session)
    assert session == before
    sessions.note_seen(session=session, at_once=True)
    assert session != before


def test_whoever_is_warned_still_has_the_time_they_are_told(travel: Travel) -> None:
    """WCAG 2.2.1. The last request may have been one that wrote nothing."""
    user, session = make_user(), begun()
    travel(seconds=sessions.NOTED_EVERY.total_seconds() - 1)
    sessions.note_seen(session=session)
    travel(seconds=sessions.seconds_until_warning(user=user, session=session) + sessions.WARNING.total_seconds() - 1)
    assert not sessions.is_over(session=session, user=user)


def test_a_session_knows_the_log_in_it_began_with() -> None:
    assert sessions.log_in_event(session=begun()) == 7
    assert sessions.log_in_event(session={}) is None


def test_all_sessions_of_one_person_are_ended_but_the_one_to_keep(user: User) -> None:
    key, _, others_key, visitors_key = stored(user), stored(user), stored(make_user()), stored(None)
    keep, other, visitor = stored_key(key), stored_key(others_key), stored_key(visitors_key)
    assert sessions.end_all(user=user, but=key) == 1
    assert set(Session.objects.values_list("session_key", flat=True)) == {keep, other, visitor}
    assert sessions.end_all(user=user) == 1
    assert set(Session.objects.values_list("session_key", flat=True)) == {other, visitor}


def test_expired_sessions_are_deleted(user: User, travel: Travel) -> None:
    stored(user)
    travel(hours=7)
    fresh = stored_key(stored(user))
    travel(hours=1, minutes=1)
    assert sessions.delete_expired() == 1
    assert Session.objects.get().session_key == fresh
