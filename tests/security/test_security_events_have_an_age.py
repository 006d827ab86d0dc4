"""Threats: events that pile up for ever, because a stranger can write them; and an attacker who has them deleted."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import pytest
from django.core.management import call_command
from django.db import Error, transaction
from django.utils import timezone

from accounts import checks
from accounts.models import SecurityEvent, User
from accounts.models.security_event import WRITTEN_BY_STRANGERS, Event, least_age
from accounts.services import event_seals, events, log_in
from tests.support.factories import make_user
from tests.support.travel import Travel

if TYPE_CHECKING:
    from pytest_django import Settings

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)
SIX_YEARS = (6 * 365 + 2) * DAY


def add(event: Event, *, age: datetime.timedelta, user: User | None = None) -> SecurityEvent:
    return SecurityEvent.objects.create(event=event, at=timezone.now() - age, user=user)


def test_each_kind_goes_at_its_age_and_no_sooner() -> None:
    kept = {add(event, age=events.kept_for(event=event) - DAY).pk for event in Event}
    for event in Event:
        add(event, age=(SIX_YEARS if event in event_seals.NEWEST_STAY else events.kept_for(event=event)) + DAY)
    assert events.delete_old() == len(Event)
    assert {*SecurityEvent.objects.values_list("pk", flat=True)} == kept
    assert events.delete_old() == 0


def test_what_strangers_can_write_goes_first_and_what_is_about_rights_stays_for_six_years() -> None:
    assert {events.kept_for(event=event).days for event in WRITTEN_BY_STRANGERS} == {90}
    for event in (Event.ADMIN_CREATED, Event.CARE_IDENTITY_LINKED, Event.PASSWORD_CHANGED, Event.RECOVERY_LOOKED_UP):
        assert events.kept_for(event=event).days >= 6 * 365


def test_the_two_newest_log_ins_of_a_person_stay() -> None:
    """A person who comes back after two years is not told that this is the first time."""
    user, other = make_user(), make_user()
    oldest, before, newest = (add(Event.LOGGED_IN, age=days * DAY, user=user) for days in (710, 700, 1))
    others = add(Event.LOGGED_IN, age=700 * DAY, user=other)
    assert events.delete_old() == 1
    assert {*SecurityEvent.objects.all()} == {newest, before, others}
    assert log_in.previous_log_in(user=user, this_log_in=newest.pk) == before
    assert oldest not in SecurityEvent.objects.all()


def test_when_a_person_last_came_from_another_account_of_theirs_is_known_for_as_long_as_a_log_in() -> None:
    """By it their password is not dormant: an organisation may count up to three years (decision 53)."""
    user, other = make_user(), make_user()
    oldest, before, newest = (add(Event.ACCOUNT_SWITCHED, age=days * DAY, user=user) for days in (900, 700, 500))
    others = add(Event.ACCOUNT_SWITCHED, age=900 * DAY, user=other)
    assert events.delete_old() == 1
    assert {*SecurityEvent.objects.all()} == {newest, before, others}
    assert oldest not in SecurityEvent.objects.all()


def test_the_daily_work_deletes_more_than_fits_into_one_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_seals, "DELETED_AT_ONCE", 3)
    for _ in range(7):
        add(Event.LOG_IN_FAILED, age=91 * DAY)
    call_command("tidy_up", verbosity=0)
    assert not SecurityEvent.objects.exists()


@pytest.mark.parametrize("event", [Event.LOG_IN_FAILED, Event.CARE_IDENTITY_REFUSED, Event.LOGGED_IN, Event.UNLOCKED])
def test_no_setting_makes_the_database_let_go_of_a_younger_one(event: Event, settings: Settings) -> None:
    """Threat: an attacker who can set the portal's ages has the traces deleted the next night."""
    young, old = add(event, age=least_age(event) - DAY), add(event, age=least_age(event) + DAY)
    settings.SECURITY_EVENTS_KEPT = {"": DAY}
    with pytest.raises(Error, match="append-only"), transaction.atomic():
        events.delete_old()
    SecurityEvent.objects.filter(pk=old.pk).delete_old()
    assert SecurityEvent.objects.get() == young


def test_a_clock_that_is_a_year_ahead_deletes_nothing_young(travel: Travel) -> None:
    """The database measures by its own."""
    young = events.record(event=Event.LOG_IN_FAILED, user_id=None)
    travel(days=800)
    with pytest.raises(Error, match="append-only"), transaction.atomic():
        events.delete_old()
    assert SecurityEvent.objects.get() == young


def test_ages_that_the_database_refuses_do_not_start(settings: Settings) -> None:
    settings.SECURITY_EVENTS_KEPT = {**settings.SECURITY_EVENTS_KEPT, "logged_in": 365 * DAY, "locked": 31 * DAY}
    found = [error.msg for error in checks.configuration_is_safe(None) if error.id == "esr_portal.E005"]
    assert found == ["SECURITY_EVENTS_KEPT ends logged_in too soon."]


def test_every_kind_in_the_settings_is_one(settings: Settings) -> None:
    assert set(settings.SECURITY_EVENTS_KEPT) - {""} <= {event.value for event in Event}
