"""Statements that are compiled once: what cannot be prepared is refused, and nothing is frozen into one."""

from __future__ import annotations

import datetime

import pytest
from django.db.models import Q, Value
from django.utils import timezone

from accounts import prepared
from accounts.models import EmailDomain, Lockout, SecurityEvent, User
from accounts.models.security_event import Event
from tests.support.factories import make_user
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db

USERS = User.objects.all()
EVENTS = SecurityEvent.objects.order_by("pk")


def test_a_query_answers_for_the_values_of_each_run() -> None:
    by_name = prepared.Select(lambda name: User.objects.filter(username=name), name=str)
    one, other = make_user(), make_user()
    assert [by_name.first(name=user.username) for user in (one, other)] == [one, other]
    assert by_name.first(name="999NOBODY01") is None


def test_a_row_is_what_the_orm_makes_of_it(user: User) -> None:
    whole = prepared.Select(
        lambda pk: User.objects.select_related("organisation").only("password", "organisation__name").filter(pk=pk),
        pk=int,
    )
    found = whole.first(pk=user.pk)
    assert found is not None
    assert found.get_deferred_fields() >= {"email", "date_of_birth"}
    assert "name" not in found.organisation.get_deferred_fields()
    assert found.email == user.email
    assert not found._state.adding


def test_columns_come_as_values_with_what_was_computed(user: User) -> None:
    named = prepared.Select(
        lambda pk: User.objects.filter(pk=pk).annotate(one=Value(1)).values_list("username", "one", "is_active"), pk=int
    )
    assert named.all(pk=user.pk) == [(user.username, 1, True)]


def test_a_moment_that_is_a_value_is_the_moment_of_the_run(user: User, travel: Travel) -> None:
    lately = prepared.Select(lambda since: EVENTS.filter(at__gt=since), since=datetime.datetime)
    hour = datetime.timedelta(hours=1)
    event = prepared.insert(SecurityEvent(event=Event.LOGGED_IN, user_id=user.pk))
    assert lately.all(since=timezone.now() - hour) == [event]
    travel(hours=2)
    assert lately.all(since=timezone.now() - hour) == []


def test_a_moment_that_would_be_frozen_into_a_statement_is_refused(travel: Travel) -> None:
    frozen = prepared.Select(lambda event: EVENTS.filter(event=event, at__gt=timezone.now()), event=str)
    with pytest.raises(prepared.CannotBePrepared):
        frozen.all(event="logged_in")


@pytest.mark.parametrize("day", [datetime.date(2026, 11, 26), datetime.datetime(2026, 11, 26, tzinfo=datetime.UTC)])
def test_a_moment_that_is_the_same_each_time_is_refused_too(day: datetime.date) -> None:
    column = "at__gt" if isinstance(day, datetime.datetime) else "user__date_of_birth"
    frozen = prepared.Select(lambda event: EVENTS.filter(event=event, **{column: day}), event=str)
    with pytest.raises(prepared.CannotBePrepared):
        frozen.all(event="logged_in")


def test_a_value_that_is_not_found_in_the_statement_is_refused(user: User) -> None:
    for build in (
        lambda name: User.objects.filter(given_name=name[:0]),
        lambda name: User.objects.filter(username=name.upper()),
        lambda name: User.objects.filter(username__startswith=name),
        lambda name: User.objects.filter(Q(pk=user.pk) if name == user.username else Q(username="another")),
    ):
        with pytest.raises(prepared.CannotBePrepared):
            prepared.Select(build, name=str).all(name=user.username)


def test_a_value_beside_the_names_that_changes_is_refused() -> None:
    numbers = iter(range(100))
    with pytest.raises(prepared.CannotBePrepared):
        prepared.Select(lambda name: User.objects.filter(username=name, pk=next(numbers)), name=str).all(name="a")


def test_a_text_that_depends_on_a_value_is_refused() -> None:
    directions = iter(["pk", "-pk", "pk", "-pk"])
    with pytest.raises(prepared.CannotBePrepared):
        prepared.Select(lambda name: USERS.filter(username=name).order_by(next(directions)), name=str).all(name="a")


def test_what_takes_two_statements_is_refused() -> None:
    with pytest.raises(prepared.CannotBePrepared):
        prepared.Select(lambda pk: User.objects.filter(pk=pk).prefetch_related("security_events"), pk=int).all(pk=1)


def test_rows_are_deleted_and_counted() -> None:
    forget = prepared.Delete(lambda digest: Lockout.objects.filter(username_digest=digest), digest=str)
    for digest in "aab":
        Lockout.objects.create(
            username_digest=digest, browser_digest=str(Lockout.objects.count()), last_failure_at=timezone.now()
        )
    assert [forget.run(digest="a"), forget.run(digest="a")] == [2, 0]
    assert Lockout.objects.get().username_digest == "b"


def test_rows_are_updated_with_values_and_counted(user: User) -> None:
    name = prepared.Update(lambda pk, name: (User.objects.filter(pk=pk), {"given_name": name}), pk=int, name=str)
    assert [name.run(pk=user.pk, name="Ada"), name.run(pk=user.pk + 1, name="Bea")] == [1, 0]
    user.refresh_from_db()
    assert user.given_name == "Ada"


def test_a_row_is_stored_as_its_save_would(user: User) -> None:
    mine, theirs = (SecurityEvent(event=Event.LOGGED_IN, user_id=user.pk, address="2001:DB8::1") for _ in range(2))
    prepared.insert(mine)
    theirs.save()
    stored = SecurityEvent.objects.filter(pk__in=[mine.pk, theirs.pk]).order_by("pk")
    one, other = (dict(row) for row in stored.values())
    assert (one.pop("id"), one.pop("at")) == (mine.pk, mine.at)
    assert {key: other[key] for key in one} == one
    assert not mine._state.adding


def test_a_model_whose_saving_is_listened_to_is_not_inserted_past_the_listener(user: User) -> None:
    from django.db.models.signals import post_save

    def listen(**_: object) -> None: ...

    post_save.connect(listen, sender=EmailDomain)
    try:
        with pytest.raises(prepared.CannotBePrepared):
            prepared.insert(EmailDomain(organisation=user.organisation, domain="another.example"))
    finally:
        post_save.disconnect(listen, sender=EmailDomain)
