"""How long the events of an organisation's people are kept, where it has chosen less than the portal."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from accounts.models import EventSeal, FiledEvent, Organisation, SecurityEvent
from accounts.models.organisation import FEWEST_DAYS_EVENTS_KEPT, MOST_DAYS_EVENTS_KEPT
from accounts.models.security_event import Event
from accounts.services import event_seals, events, events_kept, filing_events
from tests.support.factories import make_organisation, make_user
from tests.support.keeping_events import changed, file_and_seal, fine, keep, left
from tests.support.sealing_events import add, day, verify
from tests.support.tampering import sql
from tests.support.threads import all_at_once

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries

    from tests.support.travel import Travel

pytestmark = pytest.mark.django_db

# What the helpdesk does, rights, and what is about no person: kept for as long as the portal keeps it.
KEPT = {
    *(Event.RECOVERY_LOOKED_UP, Event.RECOVERY_EMAIL_SENT_BY_HELPDESK, Event.BOOTSTRAP_CODE_MADE),
    *(Event.SECOND_STEP_EXCUSED, Event.SECOND_STEP_EXCUSE_ENDED, Event.PASSKEYS_SWITCHED),
    *(Event.CALLER_CODE_MAILED, Event.CALLER_CHECKED, Event.CALLER_CHECK_FAILED, Event.DATE_OF_BIRTH_COMPARED),
    *(Event.SECOND_AGENT_ASKED, Event.SECOND_AGENT_AGREED, Event.SECOND_AGENT_REFUSED, Event.DONE_FOR_CALLER),
    *(Event.EMAIL_CONFIRMED, Event.EMAIL_CORRECTION_ACCEPTED, Event.EMAIL_CORRECTION_REFUSED),
    *(Event.PEOPLE_FILE_UPLOADED, Event.PEOPLE_FILE_CONFIRMED, Event.PEOPLE_FILE_AGREED),
    *(Event.PEOPLE_EXPORTED, Event.EVENTS_EXPORTED, Event.EVENTS_KEPT_CHANGED),
    *(Event.LEAVERS_KEPT_CHANGED, Event.DATA_HANDED_OUT, Event.PERSON_ERASED),
    *(Event.ROLE_GIVEN, Event.ROLE_TAKEN_AWAY, Event.ADMIN_CREATED, Event.DATABASE_RESTORED),
}


def test_each_kind_that_the_portal_keeps_for_years_is_one_that_is_shortened_or_one_that_is_not() -> None:
    for_years = {event for event in Event if events.kept_for(event=event).days > MOST_DAYS_EVENTS_KEPT}
    assert for_years == events_kept.SHORTENED | KEPT
    assert not events_kept.SHORTENED & KEPT
    assert all(events.kept_for(event=event).days <= FEWEST_DAYS_EVENTS_KEPT for event in set(Event) - for_years)


def test_what_is_past_the_chosen_age_goes_and_all_else_of_that_day_and_kind_stays_to_the_last_byte() -> None:
    user, other = make_user(), make_user(organisation=make_organisation(code="111"))
    keep(user.organisation, 500)
    gone = [changed(user, days_ago=502, reason=f"{n}") for n in range(2)]
    kept = {changed(each, days_ago=502) for each in (other, None)} | {changed(user, days_ago=499)}
    file_and_seal()
    before = list(SecurityEvent.objects.filter(pk__in=kept).order_by("pk").values())
    fine()
    assert events_kept.delete_old() == len(gone)
    assert list(SecurityEvent.objects.order_by("pk").values()) == before
    assert set(FiledEvent.objects.values_list("pk", flat=True)) == kept
    assert "2 had gone by their age" in fine()
    newest = EventSeal.objects.filter(day=day(502), kind="password_changed").latest("generation")
    assert (newest.generation, newest.events, newest.gone, newest.why) == (1, 2, 2, "age")
    assert events_kept.delete_old() == 0


def test_each_organisation_has_its_own_number() -> None:
    users = [make_user(organisation=make_organisation(code=code)) for code in ("111", "222", "333")]
    for user, days in zip(users, (400, 600, 600), strict=True):
        keep(user.organisation, days)
    keys = [changed(user, days_ago=ago) for ago in (450, 650) for user in users]
    file_and_seal()
    assert events_kept.delete_old() == 4
    assert left() == set(keys[1:3])
    fine()


def test_a_day_goes_when_all_of_it_is_past_in_utc(travel: Travel) -> None:
    user = make_user()
    keep(user.organisation, 400)
    now = event_seals.start_of(day(0)) + datetime.timedelta(hours=5)
    travel.to(now)
    last_of_day, first_of_next = (event_seals.start_of(day(400)) + datetime.timedelta(seconds=n) for n in (-1, 0))
    for at in (last_of_day, first_of_next):
        SecurityEvent.objects.create(event=Event.FROZEN, user=user, at=at)
    file_and_seal()
    assert events_kept.delete_old() == 1
    assert SecurityEvent.objects.get().at == first_of_next


def test_every_kind_that_is_shortened_goes_and_no_other() -> None:
    user, had_a_role = make_user(), make_user()
    keep(user.organisation, 400)
    of_roles = {Event.ROLE_GIVEN, Event.ROLE_TAKEN_AWAY, Event.ADMIN_CREATED}
    kept = {add(event, days_ago=410, user=had_a_role if event in of_roles else user).pk for event in KEPT}
    # Their own age is what they go by.
    kept |= {add(event, days_ago=410, user=user).pk for event in set(Event) - KEPT - events_kept.SHORTENED}
    for event in events_kept.SHORTENED:
        add(event, days_ago=410, user=user)
    file_and_seal()
    assert events_kept.delete_old() == len(events_kept.SHORTENED)
    assert left() == kept


def test_nothing_is_kept_for_longer_where_an_organisation_has_just_taken_its_part_of_the_day(travel: Travel) -> None:
    """A day that was sealed again waits a month for that, but not for the age that the portal gives all of it."""
    user, other = make_user(), make_user(organisation=make_organisation(code="111"))
    keep(user.organisation, 2190)
    for each in (user, other):
        changed(each, days_ago=2180)
    file_and_seal()
    travel(days=11)
    assert events_kept.delete_old() == 1
    travel(days=3)
    assert events.delete_old() == 1
    assert "2 had gone by their age" in fine()


@pytest.mark.parametrize("days", [400, None])
def test_a_number_deletes_nothing_for_a_week(days: int | None, travel: Travel) -> None:
    user = make_user()
    changed(user, days_ago=450)
    file_and_seal()
    keep(user.organisation, days, since=datetime.timedelta())
    travel(days=6, hours=23)
    assert events_kept.delete_old() == 0
    travel(hours=2)
    assert events_kept.delete_old() == (1 if days else 0)


def test_a_day_is_sealed_again_once_a_month_however_many_numbers_there_are(travel: Travel) -> None:
    """Threat: three hundred organisations with different numbers make three hundred seals of each day."""
    users = [make_user(organisation=make_organisation(code=f"{500 + n}")) for n in range(4)]
    for n, user in enumerate(users):
        keep(user.organisation, 500 + n)
        changed(user, days_ago=502)
    file_and_seal()
    assert events_kept.delete_old() == 2
    for _ in range(3):
        travel(days=2)
        assert events_kept.delete_old() == 0
    travel(days=26)
    assert events_kept.delete_old() == 2
    assert EventSeal.objects.filter(kind="password_changed").count() == 3
    fine()


def test_what_is_not_sealed_stays() -> None:
    """After a year it is sealed, or the sealing is out of order, and nothing would show what went."""
    user = make_user()
    keep(user.organisation, 400)
    sealed = changed(user, days_ago=450)
    filing_events.file_new()
    assert events_kept.delete_old() == 0
    event_seals.seal_closed_days()
    late = changed(user, days_ago=451), add(Event.FROZEN, days_ago=450, user=user).pk
    filing_events.file_new()
    assert events_kept.delete_old() == 1
    assert left() == {*late}
    assert sealed not in left()


def test_a_day_that_differs_from_its_seal_stays_and_the_others_go(caplog: pytest.LogCaptureFixture) -> None:
    user = make_user()
    keep(user.organisation, 400)
    tampered, whole = (changed(user, days_ago=ago) for ago in (450, 449))
    file_and_seal()
    sql("UPDATE accounts_securityevent SET reason = 'nothing happened' WHERE id = %s", tampered)
    assert events_kept.delete_old() == 1
    assert left() == {tampered}
    assert whole not in left()
    assert "differ from their seal" in caplog.text
    assert not verify()[0]


def test_the_first_day_does_a_part_the_oldest_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events_kept, "BLOCKS_A_DAY", 2)
    user = make_user()
    keep(user.organisation, 400)
    keys = [changed(user, days_ago=ago) for ago in (450, 449, 448)]
    file_and_seal()
    assert events_kept.delete_old() == 2
    assert left() == {keys[2]}
    assert events_kept.delete_old() == 1


def test_where_nothing_is_due_any_number_of_organisations_takes_the_same_queries(
    django_assert_num_queries: DjangoAssertNumQueries, monkeypatch: pytest.MonkeyPatch
) -> None:
    users = [make_user(organisation=make_organisation(code=f"{500 + n}", domain="")) for n in range(9)]
    for n, user in enumerate(users):
        keep(user.organisation, 500 + n)
        changed(user, days_ago=490)
    file_and_seal()
    with django_assert_num_queries(2):
        assert events_kept.delete_old() == 0
    monkeypatch.setattr(events_kept, "NUMBERS_AT_ONCE", 5)
    with django_assert_num_queries(3):
        assert events_kept.delete_old() == 0
    Organisation.objects.update(events_kept_days=None)
    with django_assert_num_queries(1):
        assert events_kept.delete_old() == 0


def test_the_numbers_of_many_organisations_are_looked_for_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events_kept, "NUMBERS_AT_ONCE", 2)
    for n in range(5):
        user = make_user(organisation=make_organisation(code=f"{500 + n}"))
        keep(user.organisation, 500 + n)
        changed(user, days_ago=510)
    file_and_seal()
    assert events_kept.delete_old() == 5


def test_the_daily_work_does_it(capsys: pytest.CaptureFixture[str]) -> None:
    user = make_user()
    keep(user.organisation, 400)
    key = changed(user, days_ago=450)
    call_command("tidy_up", verbosity=0)
    call_command("tidy_up", verbosity=0)
    assert key not in left()
    fine()


@pytest.mark.parametrize("days", [FEWEST_DAYS_EVENTS_KEPT - 1, MOST_DAYS_EVENTS_KEPT + 1])
def test_the_database_takes_no_number_out_of_bounds(days: int) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        keep(make_organisation(), days)


def test_the_database_takes_no_number_without_the_moment_of_its_choice() -> None:
    make_organisation()
    with pytest.raises(IntegrityError), transaction.atomic():
        Organisation.objects.update(events_kept_days=400)


@pytest.mark.django_db(transaction=True)
def test_two_machines_that_do_the_daily_work_at_once_delete_each_event_once() -> None:
    user = make_user()
    keep(user.organisation, 400)
    kept = changed(make_user(organisation=make_organisation(code="111")), days_ago=450)
    for ago in range(450, 455):
        changed(user, days_ago=ago)
    file_and_seal()
    assert sum(all_at_once([events_kept.delete_old] * 3)) == 5
    assert left() == {kept}
    fine()
