"""The browsers in which a person is logged in now."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from accounts import session_limits
from accounts.models import SecurityEvent, Session, User
from accounts.models.security_event import Event
from accounts.services import events, sessions, signed_in
from accounts.services.events import Origin
from accounts.session_store import SessionStore
from tests.support.care_identity import INSIDE, OUTSIDE, trust
from tests.support.factories import make_organisation, make_user
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db

SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Version/18.1 Safari/604.1"
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0"


# The events that sessions begin with.
LOG_INS = itertools.count(7)


def begin(user: User, *, address: str = INSIDE, user_agent: str = EDGE) -> str:
    """Log `user` in from there; return the key of the session."""
    store = SessionStore()
    store["_auth_user_id"] = str(user.pk)
    with events.coming_from(Origin(address=address, user_agent=user_agent)):
        sessions.begin(session=store, log_in_event=next(LOG_INS))
    store.save(must_create=True)
    assert store.session_key
    return store.session_key


def ended(user: User) -> list[str]:
    return list(SecurityEvent.objects.filter(user=user, event=Event.SESSION_ENDED).values_list("reason", flat=True))


def test_each_says_device_network_and_when_this_one_first(user: User, travel: Travel) -> None:
    trust(user.organisation)
    trust(make_organisation(code="998", name="Southern Test Hospitals"), f"{OUTSIDE}/32")
    here = begin(user)
    travel(minutes=5)
    begin(user, address=OUTSIDE, user_agent=SAFARI)
    travel(minutes=1)
    begin(user, address="", user_agent="")
    begin(make_user())
    found = signed_in.of(user=user, session_key=here)
    assert [(each.began.device, each.network, each.is_this_one) for each in found] == [
        ("Edge on Windows", "Network of Northern Test Hospitals", True),
        ("", "Another network", False),
        ("Safari on iPhone", "Another network", False),
    ]
    assert (found[2].began.at - found[0].began.at).total_seconds() == pytest.approx(300, abs=5)
    assert found[0].began.seen_at == found[0].began.at


def test_what_is_past_its_limits_or_of_no_clock_is_not_listed(user: User, travel: Travel) -> None:
    SessionStore(begin(user)).save()
    store = SessionStore()
    store["_auth_user_id"] = str(user.pk)
    store.save(must_create=True)
    assert len(signed_in.of(user=user, session_key=None)) == 1
    travel(seconds=session_limits.PEOPLE.idle.total_seconds() + 1)
    assert signed_in.of(user=user, session_key=None) == []


def test_a_session_of_the_version_before_is_listed_without_its_place(user: User) -> None:
    store = SessionStore(begin(user))
    del store["device"], store["address"]
    store.save()
    (found,) = signed_in.of(user=user, session_key=store.session_key)
    assert (found.began.device, found.network, found.is_this_one) == ("", "Another network", True)


def test_it_takes_two_queries_however_many_there_are(user: User, django_assert_num_queries: Any) -> None:
    trust(user.organisation)
    user = User.objects.select_related("organisation").get(pk=user.pk)
    for number in range(5):
        begin(user, address=f"192.0.2.{number}")
    with django_assert_num_queries(2):
        assert len(signed_in.of(user=user, session_key=None)) == 5


def test_one_is_ended_by_its_name_and_no_other(user: User) -> None:
    here, there = begin(user), begin(user, user_agent=SAFARI)
    begin(user, address=OUTSIDE)
    name = next(each.name for each in signed_in.of(user=user, session_key=there) if each.is_this_one)
    assert signed_in.end(user=user, name=name, but=here)
    assert not SessionStore().exists(there)
    assert SessionStore().exists(here)
    assert Session.objects.filter(user_id=user.pk).count() == 2
    assert not signed_in.end(user=user, name=name, but=here)
    assert ended(user) == ["one"]


def test_one_is_ended_by_the_name_that_it_had_before_it_was_given_another_key(user: User) -> None:
    """Threat: a thief has the session given new keys, by switching accounts, faster than its owner can log it out."""
    here, store = begin(user), SessionStore(begin(user))
    (name,) = [each.name for each in signed_in.of(user=user, session_key=here) if not each.is_this_one]
    store.cycle_key()
    assert signed_in.end(user=user, name=name, but=here)
    assert not SessionStore().exists(str(store.session_key))
    assert ended(user) == ["one"]


def test_a_session_of_a_version_that_noted_no_log_in_is_ended_by_its_name(user: User) -> None:
    here, store = begin(user), SessionStore(begin(user))
    del store["log_in_event"]
    store.save()
    for each in signed_in.of(user=user, session_key=here):
        assert signed_in.end(user=user, name=each.name, but=here) is not each.is_this_one
    assert not SessionStore().exists(str(store.session_key))


@pytest.mark.parametrize("name", ["", "0", "é" * 64, "\ud800"])
def test_a_name_that_is_none_ends_nothing(user: User, name: str) -> None:
    begin(user)
    assert not signed_in.end(user=user, name=name, but=None)
    assert Session.objects.count() == 1
    assert ended(user) == []


def test_the_name_of_another_persons_browser_ends_nothing(user: User) -> None:
    """Threat: a person sends the name, or the key, of a session that is another's."""
    other = make_user()
    key = begin(other)
    (theirs,) = signed_in.of(user=other, session_key=None)
    (row,) = Session.objects.all()
    for name in (theirs.name, key, row.session_key):
        assert not signed_in.end(user=user, name=name, but=None)
    assert Session.objects.count() == 1
    assert row.session_key not in theirs.name


def test_this_browser_is_not_ended_from_its_own_list(user: User) -> None:
    here = begin(user)
    (only,) = signed_in.of(user=user, session_key=here)
    assert not signed_in.end(user=user, name=only.name, but=here)
    assert SessionStore().exists(here)


def test_all_others_are_ended_at_once_and_it_is_recorded_where_there_were_any(user: User) -> None:
    here = begin(user)
    for _ in range(2):
        begin(user)
    begin(make_user())
    assert signed_in.end_others(user=user, but=here) == 2
    assert signed_in.end_others(user=user, but=here) == 0
    assert SessionStore().exists(here)
    assert Session.objects.count() == 2
    assert ended(user) == ["all_others"]
