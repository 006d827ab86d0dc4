"""Sealing security events each day, and again when some of them go by their age."""

from __future__ import annotations

import datetime
import json
import logging
from typing import TYPE_CHECKING

import pytest
from django.core.management import CommandError, call_command

from accounts.models import EventMarks, EventSeal, SecurityEvent
from accounts.models.security_event import Event
from accounts.services import event_seals, events
from esr_portal.logs import JSONFormatter
from tests.support.factories import make_user
from tests.support.sealing_events import add, day, sealed, verify

if TYPE_CHECKING:
    from pytest_django import Settings

    from tests.support.travel import Travel

pytestmark = pytest.mark.django_db

OLD, NEW = (f"{word}-key-for-tests-0123456789-abcdefghijklmnopqrstuvwxyz" for word in ("old", "new"))


@pytest.fixture(autouse=True)
def _at_noon(travel: Travel) -> None:
    """Yesterday has been over for an hour, at whatever time of the night the tests are run."""
    travel.to(event_seals.start_of(day(0)) + datetime.timedelta(hours=12))


def fine() -> str:
    """Return what `verify_events` says, which finds nothing wrong."""
    is_fine, said = verify()
    assert is_fine, said
    return said


def test_each_kind_of_a_day_has_a_seal_and_the_day_has_one_that_closes_it() -> None:
    sealed(days=1, each=2)
    of_day = EventSeal.objects.filter(day=day(2)).values_list("kind", "events")
    assert list(of_day) == [("logged_in", 2), ("unlocked", 2), ("", 4)]
    assert list(EventSeal.objects.values_list("number", flat=True)) == [1, 2, 3, 4]


def test_today_is_not_sealed_and_nothing_is_sealed_twice() -> None:
    sealed()
    seals = EventSeal.objects.count()
    events.record(event=Event.LOGGED_IN, user_id=None)
    assert event_seals.seal_closed_days() == 0
    assert EventSeal.objects.count() == seals
    assert event_seals.sealed_until() == day(1)


def test_a_day_is_sealed_when_it_has_been_over_for_an_hour(travel: Travel) -> None:
    """A web server whose clock is behind writes events of yesterday until then."""
    events.record(event=Event.LOGGED_IN, user_id=None)
    travel.to(event_seals.start_of(day(-1)) + datetime.timedelta(minutes=59))
    event_seals.seal_closed_days()
    assert not EventSeal.objects.filter(kind="logged_in").exists()
    travel(minutes=2)
    assert event_seals.seal_closed_days() == 1
    assert EventSeal.objects.get(kind="logged_in").events == 1


def test_days_without_events_are_closed_by_the_next_seal() -> None:
    add(days_ago=40)
    event_seals.seal_closed_days()
    assert list(EventSeal.objects.filter(kind="").values_list("day", flat=True)) == [day(40), day(1)]
    fine()


def test_without_events_there_is_nothing_to_seal() -> None:
    assert event_seals.seal_closed_days() == 0
    assert not EventSeal.objects.exists()
    assert "All as sealed." in fine()


def test_the_daily_work_seals_and_logs_the_head_of_the_chain_each_day(caplog: pytest.LogCaptureFixture) -> None:
    add(days_ago=2)
    with caplog.at_level(logging.INFO, logger="esr_portal.seals"):
        call_command("tidy_up", verbosity=0)
        call_command("tidy_up", verbosity=0)
    lines = [json.loads(JSONFormatter().format(record)) for record in caplog.records if record.msg == "sealed"]
    newest = EventSeal.objects.latest("number")
    assert {line["head"] for line in lines} == {f"{newest.number}-{newest.link[:32]}"}
    assert len(lines) == 2


def test_a_day_of_a_kind_goes_as_a_whole_at_its_age_and_verifies_before_and_after() -> None:
    kept = add(Event.UNLOCKED, days_ago=95)
    gone = [add(Event.LOG_IN_FAILED, days_ago=95, reason=f"{n}") for n in range(3)]
    young = add(Event.LOG_IN_FAILED, days_ago=89)
    event_seals.seal_closed_days()
    fine()
    assert events.delete_old() == len(gone)
    assert set(SecurityEvent.objects.all()) == {kept, young}
    assert "3 had gone by their age" in fine()
    newest = EventSeal.objects.filter(kind="log_in_failed", day=day(95)).latest("generation")
    assert (newest.generation, newest.events, newest.gone, newest.why) == (1, 0, 3, "age")
    assert events.delete_old() == 0
    assert EventMarks.objects.count() == 2


def test_the_two_newest_log_ins_of_each_person_stay_on_a_day_that_is_sealed_again() -> None:
    user, other = make_user(), make_user()
    oldest = add(days_ago=710, user=user)
    stays = add(days_ago=710, user=other)
    for ago in (705, 1):
        add(days_ago=ago, user=user)
    event_seals.seal_closed_days()
    assert events.delete_old() == 1
    assert not SecurityEvent.objects.filter(pk=oldest.pk).exists()
    assert SecurityEvent.objects.filter(pk=stays.pk).exists()
    assert "1 had gone by their age" in fine()


def test_a_day_of_which_some_have_gone_waits_a_month_before_it_is_sealed_once_more(travel: Travel) -> None:
    """People who come back each make a log-in old, and each would be a seal a day for years."""
    first, second = make_user(), make_user()
    for user in (first, second):
        add(days_ago=710, user=user)
    for ago in (5, 4):
        add(days_ago=ago, user=first)
    event_seals.seal_closed_days()
    assert events.delete_old() == 1
    for ago in (3, 2):
        add(Event.LOGGED_IN, days_ago=ago, user=second)
    assert events.delete_old() == 0
    travel(days=31)
    assert events.delete_old() == 1
    assert EventSeal.objects.filter(day=day(710 + 31), kind="logged_in").count() == 3


def test_a_new_key_seals_on_and_the_old_one_may_go_after_that(settings: Settings) -> None:
    settings.SECOND_STEP_KEYS = [OLD]
    sealed()
    settings.SECOND_STEP_KEYS = [NEW, OLD]
    fine()
    settings.SECOND_STEP_KEYS = [NEW]
    is_fine, said = verify()
    assert not is_fine
    assert "no seal is proved" in said
    settings.SECOND_STEP_KEYS = [NEW, OLD]
    call_command("seal_events")
    seals = EventSeal.objects.count()
    call_command("seal_events")
    assert EventSeal.objects.count() == seals, "once for a key"
    settings.SECOND_STEP_KEYS = [NEW]
    assert "made with keys that are not there any more" in fine()
    add(days_ago=1)
    events.delete_old()
    fine_now, said = verify()
    assert (fine_now, "was added" in said) == (False, True)


def test_what_an_operator_sealed_as_it_is_is_right_from_then_on_and_told_each_time() -> None:
    sealed()
    late = add(Event.PASSWORD_CHANGED, days_ago=3)
    assert not verify()[0]
    call_command("seal_events", as_they_are=[day(3).isoformat(), "password_changed"])
    assert f"{day(3)} password_changed: sealed as they are by an operator" in fine()
    assert EventSeal.objects.get(kind="password_changed").events == 1
    assert EventSeal.objects.get(kind="password_changed").last_key == late.pk


@pytest.mark.parametrize("typed", [("2026-13-01", "logged_in"), ("2001-01-01", "logged_in"), ("2026-01-01", "login")])
def test_only_a_day_and_a_kind_that_there_are_is_sealed_as_it_is(typed: tuple[str, str]) -> None:
    sealed()
    with pytest.raises(CommandError):
        call_command("seal_events", as_they_are=list(typed))


def test_a_restored_back_up_is_told_and_is_no_fault() -> None:
    sealed()
    call_command("after_restore", verbosity=0)
    assert "A back-up was restored at" in fine()


def test_keys_far_apart_and_characters_of_any_script_are_sealed_and_named() -> None:
    first = add(note="Zoë Łukasiewicz ☎ 𝔘", device="Ünïcode")
    SecurityEvent.objects.bulk_create([SecurityEvent(pk=first.pk + 2**40, event=Event.LOGGED_IN, at=first.at)])
    event_seals.seal_closed_days()
    fine()
