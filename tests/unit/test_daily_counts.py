"""What happened on a day, counted from the events."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.management.commands import work
from accounts.models import CountedDay, DailyCount, RecoveryRequest, SecurityEvent, User
from accounts.models.recovery_request import Outcome
from accounts.models.security_event import Event
from accounts.services import counting, daily_counts, recovery
from tests.support.factories import DATE_OF_BIRTH, make_organisation, make_user
from tests.support.helpdesk import make_agent

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries

    from tests.support.travel import Travel

pytestmark = pytest.mark.django_db

DAY = datetime.date(2026, 6, 3)
NOON = datetime.datetime(2026, 6, 3, 12, tzinfo=datetime.UTC)
MINUTE = datetime.timedelta(minutes=1)


def happened(event: Event, user: User | None = None, *, at: datetime.datetime = NOON, **facts: object) -> None:
    SecurityEvent.objects.create(event=event, user=user, at=at, **facts)


def counted(organisation: int | None) -> dict[str, int]:
    daily_counts.count_day(day=DAY)
    return dict(DailyCount.objects.filter(day=DAY, organisation=organisation).values_list("what", "count"))


def test_log_ins_failures_locks_and_what_the_desk_did_are_counted_by_organisation() -> None:
    person, agent = make_user(), make_agent()
    there = make_user(organisation=make_organisation(code="111", name="South"))
    happened(Event.LOGGED_IN, person)
    happened(Event.LOGGED_IN, person, reason="passkey")
    happened(Event.LOG_IN_FAILED, person, reason="wrong_password")
    happened(Event.LOG_IN_FAILED, None, reason="unknown_username")
    happened(Event.LOCKED, person)
    happened(Event.UNLOCKED, person)
    happened(Event.UNLOCKED, person, by=agent)
    happened(Event.LOGGED_IN, there, reason="care_identity")
    happened(Event.RECOVERY_LOOKED_UP, None, by=agent)
    assert counted(person.organisation_id) == {
        "logged_in/password": 1,
        "logged_in/passkey": 1,
        "log_in_failed/wrong_password": 1,
        "locked": 1,
        "desk/unlocked": 1,
    }
    assert counted(there.organisation_id) == {"logged_in/care_identity": 1}
    assert counted(None) == {"log_in_failed/unknown_username": 1, "desk/recovery_looked_up": 1}


def test_a_day_begins_and_ends_at_midnight_here_and_counting_it_again_changes_nothing() -> None:
    """In June midnight here is 11pm UTC of the day before."""
    person = make_user()
    first = datetime.datetime(2026, 6, 2, 23, tzinfo=datetime.UTC)
    for at in (first - MINUTE, first, first + 24 * 60 * MINUTE - MINUTE, first + 24 * 60 * MINUTE):
        happened(Event.LOGGED_IN, person, at=at)
    for _ in range(2):
        assert counted(person.organisation_id) == {"logged_in/password": 2}


def asked(
    person: User, *, at: datetime.datetime, outcome: Outcome = Outcome.MAILED, address: str = ""
) -> RecoveryRequest:
    """Have a recovery form of `person` sent, and decided a minute later."""
    request = RecoveryRequest.objects.create(
        reference=f"{RecoveryRequest.objects.count():04}-0000",
        email_digest=recovery.email_digest(email=address or person.email),
        created_at=at,
        outcome=outcome,
        decided_at=at + MINUTE,
    )
    decided = at + MINUTE
    happened(Event.RECOVERY_DECIDED, person, at=decided, reason=outcome.value, reference=request.reference)
    return request


def test_recoveries_are_counted_by_person_from_asking_to_being_in() -> None:
    quick, slow, twice, gave_up, differs = (make_user() for _ in range(5))
    asked(quick, at=NOON)
    happened(Event.RECOVERY_LINK_USED, quick, at=NOON + 2 * MINUTE)
    happened(Event.LOGGED_IN, quick, at=NOON + 2.5 * MINUTE)
    asked(slow, at=NOON)
    happened(Event.LOGGED_IN, slow, at=NOON + 20 * 60 * MINUTE)
    # The first of two counts, and its time.
    asked(twice, at=NOON)
    asked(twice, at=NOON + 5 * MINUTE)
    happened(Event.LOGGED_IN, twice, at=NOON + 8 * MINUTE)
    # In the next day is too late, and so is before the mail.
    asked(gave_up, at=NOON)
    happened(Event.LOGGED_IN, gave_up, at=NOON + 0.5 * MINUTE)
    happened(Event.LOGGED_IN, gave_up, at=NOON + 25 * 60 * MINUTE)
    asked(differs, at=NOON, outcome=Outcome.DATE_DIFFERS)
    found = counted(quick.organisation_id)
    assert {what: count for what, count in found.items() if what.startswith("recovery/")} == {
        "recovery/asked": 5,
        "recovery/mailed": 4,
        "recovery/link_used": 1,
        "recovery/back_in": 3,
        "recovery/within/3": 1,
        "recovery/within/10": 1,
        "recovery/within/1440": 1,
    }


def test_of_an_address_with_many_dates_no_number_says_whether_one_was_right() -> None:
    """Threat: an agent tries the dates of a month, one form after another, and reads in the numbers that one fits."""
    seen: list[dict[str, int]] = []
    for outcome in (Outcome.MAILED, Outcome.DATE_DIFFERS):
        person = make_user(organisation=make_organisation(code=f"11{len(seen)}", name=f"South {len(seen)}"))
        for n in range(4):
            asked(person, at=NOON + n * MINUTE, outcome=Outcome.DATE_DIFFERS if n else outcome)
        seen.append(counted(person.organisation_id))
    assert seen[0] == seen[1] == {"recovery/asked": 1}


def test_the_first_run_counts_each_day_that_events_still_cover_today_first(travel: Travel) -> None:
    travel.to(NOON)
    person = make_user()
    for days in (0, 2, 400):
        happened(Event.LOGGED_IN, person, at=NOON - datetime.timedelta(days=days))
    done = []
    while (day := daily_counts.count_next()) is not None:
        done.append(day)
    assert done[:3] == [DAY, DAY - daily_counts.DAY, DAY - 2 * daily_counts.DAY]
    assert len(done) == len(set(done)) == 90
    assert DailyCount.objects.count() == 2


def test_today_is_counted_every_few_minutes_and_the_days_before_until_they_have_settled(travel: Travel) -> None:
    travel.to(NOON)
    happened(Event.LOGGED_IN, make_user(), at=timezone.now() - MINUTE)
    assert daily_counts.count_next() == DAY
    assert daily_counts.count_next() is None
    travel(minutes=5, seconds=1)
    assert daily_counts.count_next() == DAY
    # What began on a day may end a day later.
    travel.to(NOON + datetime.timedelta(days=1))
    assert [daily_counts.count_next() for _ in range(3)] == [DAY + daily_counts.DAY, DAY, None]
    travel.to(NOON + datetime.timedelta(days=3))
    counted_then = []
    while (day := daily_counts.count_next()) is not None:
        counted_then.append(day)
    assert DAY in counted_then
    travel.to(NOON + datetime.timedelta(days=3, hours=2))
    assert DAY not in [daily_counts.count_next() for _ in range(4)]


def test_a_day_that_another_worker_counts_is_left_to_it_until_it_is_taken_for_dead(travel: Travel) -> None:
    happened(Event.LOGGED_IN, make_user(), at=timezone.now())
    CountedDay.objects.create(day=timezone.localdate(), begun_at=timezone.now())
    assert daily_counts.count_next() is None
    travel(minutes=11)
    assert daily_counts.count_next() is not None


def test_without_any_event_nothing_is_counted() -> None:
    assert daily_counts.count_next() is None
    assert not CountedDay.objects.exists()


def test_how_many_people_have_what_stays_when_a_day_is_counted_again_and_is_replaced_by_itself() -> None:
    here = make_organisation()
    today = timezone.localdate()
    for people in (3, 4):
        daily_counts.store_people(counts={here.pk: {"all": people}})
        daily_counts.count_day(day=today)
    assert daily_counts.by_day(organisation=here, first=today, last=today) == {today: {"people/all": 4}}


def test_counts_are_kept_for_a_year() -> None:
    today, here = timezone.localdate(), make_organisation()
    for days in (366, 367):
        day = today - datetime.timedelta(days=days)
        DailyCount.objects.create(day=day, organisation=here, what="locked", count=1)
        CountedDay.objects.create(day=day)
    assert daily_counts.delete_old() == 1
    assert CountedDay.objects.count() == 1


@pytest.mark.parametrize("elsewhere", [True, False], ids=["unknown names", "organisation"])
def test_nothing_is_counted_twice_for_a_day(elsewhere: bool) -> None:
    organisation = None if elsewhere else make_organisation()
    twice = [DailyCount(day=DAY, organisation=organisation, what="locked", count=1) for _ in range(2)]
    with pytest.raises(IntegrityError), transaction.atomic():
        DailyCount.objects.bulk_create(twice)


def test_counting_a_day_takes_as_many_queries_however_much_happened(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in (1, 30):
        for n in range(number):
            person = make_user()
            asked(person, at=NOON + n * MINUTE)
            happened(Event.LOG_IN_FAILED, person, reason="wrong_password", address="192.0.2.1")
        # Of spraying two more, where a network is suspected.
        with django_assert_num_queries(5 if number == 1 else 7):
            counting.of_day(begins_at=daily_counts.midnight(DAY), ends_at=daily_counts.midnight(DAY + daily_counts.DAY))


def test_a_worker_counts_and_a_day_that_cannot_be_counted_keeps_no_mail_back(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    happened(Event.LOGGED_IN, make_user(), at=timezone.now())
    work.Counter().do_what_is_due()
    assert CountedDay.objects.get().counted_at is not None

    def fail() -> None:
        raise ValueError

    monkeypatch.setattr(daily_counts, "count_next", fail)
    work.Counter().do_what_is_due()
    assert "a day could not be counted" in caplog.text


def test_what_a_version_to_come_records_is_left_out() -> None:
    """While the portal is upgraded, its old worker meets the events of new web servers."""
    person = make_user()
    happened(Event.LOCKED, person)
    SecurityEvent.objects.create(event="of_a_version_to_come", user=person, at=NOON)
    assert counted(person.organisation_id) == {"locked": 1}


def test_a_form_that_was_sent_today_is_counted_as_the_services_record_it() -> None:
    person = make_user()
    recovery.ask(email=person.email, date_of_birth=DATE_OF_BIRTH)
    recovery.decide(request_id=RecoveryRequest.objects.get().pk)
    today = timezone.localdate()
    daily_counts.count_day(day=today)
    found = daily_counts.by_day(organisation=person.organisation, first=today, last=today)[today]
    assert found == {"recovery/asked": 1, "recovery/mailed": 1}
