"""Sessions that began with Care Identity: how long they last, how they are found, and how Care Identity ends them."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import proof, session_limits
from accounts.log_in_under_way import LogInUnderWay
from accounts.models import CareIdentityLogOut, SecurityEvent, Session, User
from accounts.models.security_event import Event
from accounts.models.session import stored_key
from accounts.services import care_identity_log_outs, last_check, log_in, sessions
from accounts.session_store import SessionStore
from people.services import care_identity_links
from tests.support.factories import make_user
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db

UID = "555000000101"
OTHER_UID = "555000000102"
NOW = datetime.timedelta()


def proved(*, uid: str = UID, session: str = "there-1", ago: datetime.timedelta = NOW) -> proof.Proof:
    at = int((timezone.now() - ago).timestamp())
    return proof.Proof(uid=uid, level=3, methods=("N3_SMARTCARD",), authenticated_at=at, session=session)


def begun(by: proof.Proof | None = None) -> dict[str, Any]:
    session: dict[str, Any] = {}
    sessions.begin(session=session, log_in_event=7, by=by or proved())
    return session


def saved(user: User, by: proof.Proof | None) -> SessionStore:
    """Save a session of `user` that began with `by`, or with a password."""
    store = SessionStore()
    store["_auth_user_id"] = str(user.pk)
    sessions.begin(session=store, log_in_event=7, by=by)
    store.save(must_create=True)
    return store


def stored(user: User, by: proof.Proof | None) -> str:
    """Save a session as `saved` does; return what its row is stored under."""
    return stored_key(str(saved(user, by).session_key))


def end(*, uid: str = "", session: str = "") -> int:
    return care_identity_log_outs.end(uid=uid, session=session, at=timezone.now())


def keys() -> set[str]:
    return set(Session.objects.values_list("session_key", flat=True))


def test_the_limits_are_those_of_care_identity_and_an_admins_are_shorter_however_they_came() -> None:
    minutes = datetime.timedelta(minutes=1)
    assert sessions.limits(user=User(), session=begun()) == session_limits.Limits(
        idle=15 * minutes, absolute=720 * minutes
    )
    admins = sessions.limits(user=User(is_staff=True), session=begun())
    assert admins == session_limits.Limits(idle=10 * minutes, absolute=240 * minutes)


def test_fifteen_idle_minutes_end_it(user: User, travel: Travel) -> None:
    session = begun()
    travel(minutes=14, seconds=50)
    assert not sessions.is_over(session=session, user=user)
    travel(seconds=11)
    assert sessions.is_over(session=session, user=user)


def test_twelve_hours_end_it_whatever_happens(user: User, travel: Travel) -> None:
    session = begun()
    for _ in range(12 * 6 - 1):
        travel(minutes=10)
        assert not sessions.is_over(session=session, user=user)
        sessions.note_seen(session=session)
    travel(minutes=10, seconds=1)
    assert sessions.is_over(session=session, user=user)


def test_an_admins_is_over_after_ten_idle_minutes_and_after_four_hours(travel: Travel) -> None:
    admin = make_user(is_staff=True)
    session = begun()
    for _ in range(4 * 6):
        travel(minutes=9, seconds=59)
        assert not sessions.is_over(session=session, user=admin)
        sessions.note_seen(session=session)
    travel(minutes=1)
    assert sessions.is_over(session=session, user=admin)
    session = begun()
    travel(minutes=10, seconds=1)
    assert sessions.is_over(session=session, user=admin)


def test_the_warning_comes_in_time(user: User) -> None:
    assert sessions.seconds_until_warning(user=user, session=begun()) == 15 * 60 - 30 - 120
    assert sessions.seconds_until_warning(user=make_user(is_staff=True), session=begun()) == 10 * 60 - 30 - 120


def test_its_row_knows_whose_care_identity_it_is_and_lasts_twelve_hours(user: User, travel: Travel) -> None:
    row = Session.objects.get(pk=stored(user, proved()))
    assert (row.user_id, row.care_identity_uid, row.care_identity_session) == (user.pk, UID, "there-1")
    travel(hours=11, minutes=59)
    assert sessions.delete_expired() == 0
    travel(minutes=2)
    assert sessions.delete_expired() == 1


def test_the_row_of_a_session_by_password_names_no_care_identity_and_lasts_eight_hours(
    user: User, travel: Travel
) -> None:
    row = Session.objects.get(pk=stored(user, None))
    assert (row.care_identity_uid, row.care_identity_session) == ("", "")
    travel(hours=8, minutes=1)
    assert sessions.delete_expired() == 1


def test_a_new_key_changes_nothing_else(user: User) -> None:
    store = SessionStore(session_key=saved(user, proved()).session_key)
    store.cycle_key()
    row = Session.objects.get()
    assert row.session_key == stored_key(str(store.session_key))
    assert (row.user_id, row.care_identity_uid, row.care_identity_session) == (user.pk, UID, "there-1")


def test_all_sessions_of_a_person_end_however_they_began(user: User) -> None:
    stored(user, proved())
    stored(user, None)
    assert sessions.end_all(user=user) == 2


def test_care_identity_ends_the_session_that_it_names(user: User) -> None:
    named = stored(user, proved(session="there-1"))
    others = {stored(user, proved(session="there-2")), stored(user, None), stored(make_user(), None)}
    assert end(session="there-1") == 1
    assert keys() == others
    assert named not in keys()
    assert [e.user_id for e in SecurityEvent.objects.filter(event=Event.CARE_IDENTITY_LOGGED_OUT)] == [user.pk]


def test_care_identity_ends_all_that_one_of_its_people_has(user: User) -> None:
    """One Care Identity may open logins at several employers: each is told of."""
    elsewhere = make_user()
    for person, session in [(user, "there-1"), (user, "there-2"), (elsewhere, "there-1")]:
        stored(person, proved(session=session))
    kept = {stored(user, None), stored(make_user(), proved(uid=OTHER_UID, session="there-3"))}
    assert end(uid=UID) == 3
    assert keys() == kept
    told = SecurityEvent.objects.filter(event=Event.CARE_IDENTITY_LOGGED_OUT).values_list("user_id", flat=True)
    assert sorted(told) == sorted([user.pk, elsewhere.pk])


def test_a_session_named_with_the_wrong_person_is_not_ended(user: User) -> None:
    stored(user, proved(session="there-1"))
    assert end(uid=OTHER_UID, session="there-1") == 0
    assert end(uid=UID, session="there-1") == 1


def test_naming_nobody_ends_nothing(user: User) -> None:
    """Threat: a log-out that names neither ends every session that began with a password, whose columns are empty."""
    kept = {stored(user, None), stored(user, proved(session=""))}
    with pytest.raises(IntegrityError), transaction.atomic():
        end()
    assert keys() == kept


def test_a_session_without_a_name_there_ends_with_its_person_alone(user: User) -> None:
    kept = {stored(user, proved(session=""))}
    assert end(session="there-1") == 0
    assert keys() == kept
    assert end(uid=UID) == 1


def test_nobody_who_was_logged_out_meanwhile_finishes_a_log_in(user: User) -> None:
    """Threat: the card is taken out, and the next person at the PC chooses the employer and is in."""
    care_identity_links.link(user=user, uid=UID, by=None)
    by = proved()
    end(session="there-1")
    fingerprint = log_in.fingerprint(user)

    def may_finish(by: proof.Proof) -> bool:
        under_way = LogInUnderWay(password_fingerprint=fingerprint, proof=by)
        return last_check.may_finish(user=user, under_way=under_way)

    assert not may_finish(by)
    assert SecurityEvent.objects.get(event=Event.LOG_IN_REFUSED).reason == "care_identity_ended"
    assert may_finish(proved(session="there-2"))


def test_a_session_that_was_made_while_care_identity_ended_it_is_over(user: User) -> None:
    """Threat: a log-out that arrives after the last check of a log-in and before its session is written."""
    session = begun()
    assert not sessions.is_over(session=session, user=user)
    end(uid=UID, session="there-1")
    assert sessions.is_over(session=session, user=user)
    assert not sessions.is_over(session=begun(proved(session="there-2")), user=user)
    assert not sessions.is_over(session=begun(proved(uid=OTHER_UID)), user=user)


def test_logging_out_of_everything_leaves_what_is_proved_afterwards(user: User, travel: Travel) -> None:
    end(uid=UID)
    assert sessions.is_over(session=begun(proved(ago=datetime.timedelta(seconds=5))), user=user)
    travel(seconds=2)
    assert not sessions.is_over(session=begun(), user=user)


def test_a_log_out_of_everything_that_comes_late_leaves_the_session_that_began_after_it(
    user: User, travel: Travel
) -> None:
    before = stored(user, proved())
    at = timezone.now()
    travel(seconds=30)
    after = stored(user, proved())
    assert care_identity_log_outs.end(uid=UID, session="", at=at) == 1
    assert keys() == {after} != {before}


def test_a_session_without_a_name_there_is_not_ended_by_the_name_of_another(user: User) -> None:
    end(session="there-1")
    assert not sessions.is_over(session=begun(proved(session="")), user=user)


def test_a_session_without_a_name_there_ends_with_any_of_its_person(user: User, travel: Travel) -> None:
    """Care Identity may name a session in its log-out, and have named none in what it said of the log-in."""
    nameless, other = stored(user, proved(session="")), stored(user, proved(session="there-2"))
    another = stored(make_user(), proved(uid=OTHER_UID, session=""))
    assert end(uid=UID, session="there-1") == 1
    assert keys() == {other, another} != {nameless}
    assert sessions.is_over(session=begun(proved(session="")), user=user)
    assert not sessions.is_over(session=begun(proved(session="there-2")), user=user)
    travel(seconds=2)
    assert not sessions.is_over(session=begun(proved(session="")), user=user)
    later = stored(user, proved(session=""))
    assert (
        care_identity_log_outs.end(uid=UID, session="there-1", at=timezone.now() - datetime.timedelta(minutes=1)) == 0
    )
    assert later in keys()


def test_log_outs_are_forgotten_when_no_session_can_have_begun_before(travel: Travel) -> None:
    end(uid=UID)
    travel(hours=12, minutes=30)
    assert care_identity_log_outs.forget_old() == 0
    travel(hours=12)
    assert care_identity_log_outs.forget_old() == 1
    assert not CareIdentityLogOut.objects.exists()
