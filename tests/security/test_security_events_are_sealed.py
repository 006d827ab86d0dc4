"""Threat: an attacker with the whole database, whom no trigger stops, rewrites what happened, and nothing shows it."""

from __future__ import annotations

import datetime
import re

import pytest
from django.db import Error, connection, transaction

from accounts import event_chain
from accounts.models import EventMarks, EventSeal, SecurityEvent
from accounts.models.security_event import Event
from accounts.services import event_seals
from tests.support.sealing_events import add, day, sealed, verify
from tests.support.tampering import sql

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def head() -> str:
    newest = EventSeal.objects.last()
    assert newest
    return event_chain.head_of(newest)


def wrong(**options: object) -> list[str]:
    """Return the findings of `verify_events`, which ends with 1 exactly where there are some."""
    fine, said = verify(**options)
    found = re.findall(r"^WRONG  (.*)$", said, re.MULTILINE)
    assert fine == (not found)
    return found


def test_nothing_is_found_where_nothing_was_done() -> None:
    sealed()
    fine, said = verify(head=head())
    assert fine
    assert "18 events on" in said
    assert "All as sealed." in said


@pytest.mark.parametrize(
    "change",
    [
        "at = '2020-02-02 02:02:02'",
        "user_id = 7",
        "by_id = 7",
        "address = '203.0.113.9'",
        "device = 'Chrome'",
        "reason = ''",
        "reference = '7K3M-9QXT'",
        "note = 'Jo called'",
    ],
)
def test_an_altered_event_is_named_whatever_of_it_was_altered(change: str) -> None:
    event = sealed()[4]
    sql(f"UPDATE accounts_securityevent SET {change} WHERE id = %s", event.pk)  # noqa: S608
    said = "is missing" if change.startswith("at") else "was altered"
    assert f"{day(4)} unlocked (Unlocked): the event {event.pk} {said}" in wrong()


def test_an_event_of_another_kind_is_missing_in_one_and_added_in_the_other() -> None:
    event = sealed()[0]
    sql("UPDATE accounts_securityevent SET event = 'logged_out' WHERE id = %s", event.pk)
    assert sorted(wrong()) == [
        f"{day(4)} logged_in (Logged in): the event {event.pk} is missing",
        f"{day(4)} logged_out (Logged out): the event {event.pk} was added",
    ]


def test_a_deleted_event_is_named() -> None:
    event = sealed()[7]
    sql("DELETE FROM accounts_securityevent WHERE id = %s", event.pk)
    assert wrong() == [f"{day(3)} logged_in (Logged in): the event {event.pk} is missing"]


def test_a_day_that_is_deleted_as_a_whole_is_found() -> None:
    sealed(each=1)
    sql("DELETE FROM accounts_securityevent WHERE event = 'unlocked'")
    assert len(wrong()) == 3


@pytest.mark.parametrize("kind", [Event.LOGGED_IN, Event.LOGGED_OUT])
def test_an_event_that_is_added_to_a_sealed_day_is_named(kind: Event) -> None:
    sealed()
    event = add(kind, days_ago=3)
    assert wrong() == [f"{day(3)} {kind.value} ({kind.label}): the event {event.pk} was added"]


@pytest.mark.parametrize("days_ago", [40, 5])
def test_an_event_on_a_day_that_had_none_is_added_too(days_ago: int) -> None:
    """Before the first day that is sealed, and between two."""
    if days_ago == 5:
        add(days_ago=9)
    sealed()
    event = add(days_ago=days_ago)
    assert wrong() == [f"{day(days_ago)} logged_in (Logged in): the event {event.pk} was added"]
    month = day(days_ago).replace(day=1)
    assert wrong(month=f"{month:%Y-%m}") == wrong()


def test_two_events_that_changed_their_places_are_both_named() -> None:
    first, second, *_ = sealed()
    sql("UPDATE accounts_securityevent SET id = -1 WHERE id = %s", first.pk)
    sql("UPDATE accounts_securityevent SET id = %s WHERE id = %s", first.pk, second.pk)
    sql("UPDATE accounts_securityevent SET id = %s WHERE id = -1", second.pk)
    assert [re.findall(r"event (\d+) was altered", found) for found in wrong()] == [[str(first.pk)], [str(second.pk)]]


def test_a_removed_seal_is_named() -> None:
    sealed()
    number = EventSeal.objects.get(day=day(3), kind="unlocked").number
    sql("DELETE FROM accounts_eventseal WHERE number = %s", number)
    found = wrong()
    assert f"chain of seals: the seal {number} is missing" in found
    assert f"{day(3)}: the seal {number + 1} was altered, or one before it was" in found


def test_a_seal_that_was_made_anew_without_the_key_is_found() -> None:
    """The attacker alters an event, and makes its seal and all links after it, as anybody can who has this code."""
    event = sealed()[4]
    sql("UPDATE accounts_securityevent SET reason = 'nothing happened' WHERE id = %s", event.pk)
    seal = EventSeal.objects.get(day=day(4), kind="unlocked")
    seal.digest = event_seals._block(event_seals.events_of(day(4)).filter(event="unlocked")).digest
    before = EventSeal.objects.filter(number__lt=seal.number).last()
    link = before.link if before else event_chain.BEGINNING
    for each in [seal, *EventSeal.objects.filter(number__gt=seal.number)]:
        link = event_chain.link_of(before=link, seal=each)
        sql("UPDATE accounts_eventseal SET digest = %s, link = %s WHERE number = %s", each.digest, link, each.number)
    found = wrong()
    assert f"{day(4)} unlocked (Unlocked): the seal {seal.number} was not made with the key that it names" in found
    sql("UPDATE accounts_eventseal SET key_name = 'nobody'")
    newest = EventSeal.objects.latest("number").number
    (found_now,) = wrong()
    assert f"the newest seal {newest} was made with a key that is not in SECOND_STEP_KEYS" in found_now
    add(days_ago=1)
    assert event_seals.seal_closed_days() == 0, "nothing is sealed behind it"


def test_a_seal_that_says_another_number_of_events_is_found() -> None:
    sealed()
    sql("UPDATE accounts_eventseal SET gone = 1 WHERE number = 2")
    assert any("the seal 2 was altered" in found for found in wrong())


def test_an_end_that_was_cut_off_is_found_by_a_head_that_the_log_has() -> None:
    sealed()
    logged = head()
    last = day(2)
    assert wrong(head=logged) == []
    sql("DELETE FROM accounts_securityevent WHERE at >= %s", event_seals.start_of(last))
    sql("DELETE FROM accounts_eventseal WHERE day >= %s", last)
    assert wrong() == [], "the database alone cannot tell"
    (found,) = wrong(head=logged)
    assert f"the seal {logged} of --head is not in the chain: its end was cut off" in found


def test_an_end_that_was_cut_off_and_sealed_anew_is_found_by_the_head_of_that_time() -> None:
    """The attacker deletes the newest seals, changes the events, and waits for the daily work."""
    event = sealed()[-1]
    logged = head()
    sql("DELETE FROM accounts_eventseal WHERE day >= %s", day(2))
    sql("UPDATE accounts_securityevent SET reason = 'nothing happened' WHERE id = %s", event.pk)
    assert event_seals.seal_closed_days() > 0
    assert head() != logged
    assert wrong(head=head()) == []
    (found,) = wrong(head=logged)
    assert "made anew" in found


def test_seals_that_are_all_removed_are_missed() -> None:
    sealed()
    sql("DELETE FROM accounts_eventseal")
    assert any("no day is sealed since" in found for found in wrong())


def test_marks_that_were_tampered_with_hide_nothing() -> None:
    """They only say which event it is; that something differs is in the seal."""
    event = sealed()[4]
    sql("UPDATE accounts_securityevent SET reason = 'nothing happened' WHERE id = %s", event.pk)
    EventMarks.objects.all().delete()
    assert wrong() == [
        f"{day(4)} unlocked (Unlocked): the events differ from their seal, and which of them cannot be told"
    ]


def test_events_that_differ_from_their_seal_are_not_deleted_at_their_age(caplog: pytest.LogCaptureFixture) -> None:
    """Threat: what was tampered with is sealed again when some of it goes, and is as good as true from then on."""
    from accounts.services import events

    changed, whole = (add(Event.LOG_IN_FAILED, days_ago=ago) for ago in (95, 94))
    event_seals.seal_closed_days()
    sql("UPDATE accounts_securityevent SET reason = 'nothing happened' WHERE id = %s", changed.pk)
    assert events.delete_old() == 1
    assert SecurityEvent.objects.get() == changed
    assert "differ from their seal" in caplog.text
    assert len(wrong()) == 1
    assert not SecurityEvent.objects.filter(pk=whole.pk).exists()


@pytest.mark.parametrize("statement", ["UPDATE accounts_eventseal SET gone = 1", "DELETE FROM accounts_eventseal"])
def test_the_database_itself_refuses_to_change_a_seal(statement: str) -> None:
    sealed()
    with pytest.raises(Error, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_a_month_is_compared_by_itself_and_the_chain_as_a_whole() -> None:
    sealed()
    old = add(days_ago=70)
    month = day(70).replace(day=1)
    fine, said = verify(month=f"{month - datetime.timedelta(days=40):%Y-%m}")
    assert fine, said
    assert wrong(month=f"{month:%Y-%m}") == [f"{day(70)} logged_in (Logged in): the event {old.pk} was added"]
