"""services/recovery/slowing.py: after five wrong dates in a day, requests for an address are decided once an hour."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.models import OutboxMessage, RecoveryRequest, User
from accounts.models.outbox import Kind
from accounts.models.recovery_request import Outcome
from accounts.services import events, recovery
from accounts.services.recovery import slowing
from tests.support.factories import DATE_OF_BIRTH, make_user
from tests.support.smtp import Inbox
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db

Work = Callable[[], None]
OWNERS, STRANGERS = "198.51.100.7", "203.0.113.7"
COMPARED = [Outcome.MAILED, Outcome.TOLD_DATE_DIFFERS, Outcome.DATE_DIFFERS]


@pytest.fixture
def work(deliver_mail: Callable[[], None]) -> Work:
    """Return a function that has the worker do all that is due."""
    return deliver_mail


@pytest.fixture
def user() -> User:
    return make_user()


def ask(user: User, date_of_birth: datetime.date, address: str = OWNERS) -> RecoveryRequest:
    with events.coming_from(events.Origin(address=address)):
        reference = recovery.ask(email=user.email, date_of_birth=date_of_birth)
    return RecoveryRequest.objects.get(reference=reference)


def try_dates(user: User, count: int, address: str = STRANGERS) -> None:
    """Send the form with so many wrong dates, each another."""
    for days in range(1, count + 1):
        ask(user, DATE_OF_BIRTH + datetime.timedelta(days=days), address)


def outcome(request: RecoveryRequest) -> str:
    request.refresh_from_db()
    return request.outcome


def compared() -> int:
    """Return how many dates were compared with the one on record."""
    return RecoveryRequest.objects.filter(outcome__in=COMPARED).count()


def test_who_reads_the_mailbox_cannot_try_the_calendar(user: User, work: Work, inbox: Inbox, travel: Travel) -> None:
    """Threat: the mailbox is in wrong hands, and its reader sends the form with one date after the other."""
    try_dates(user, 12)
    right = ask(user, DATE_OF_BIRTH, STRANGERS)
    try_dates(user, 1)
    work()
    assert compared() == 5
    for hour in range(1, 4):
        travel(hours=1, seconds=1)
        try_dates(user, 6)
        work()
        assert compared() == 5 + hour
    assert outcome(right) == Outcome.SUPERSEDED
    assert [mail.subject for mail in inbox.mails] == ["The date of birth did not match your ESR record"]
    # One row waits, and what was typed is kept of that one alone.
    assert RecoveryRequest.objects.exclude(email="", date_of_birth_digest="", network="").count() <= 1


def test_the_owner_waits_an_hour_at_most_for_a_stranger_in_another_network(
    user: User, work: Work, inbox: Inbox, travel: Travel
) -> None:
    """Threat: a stranger who does not know the date keeps the owner out, by asking without a pause."""
    try_dates(user, 6)
    work()
    owners = ask(user, DATE_OF_BIRTH)
    try_dates(user, 6)
    work()
    assert outcome(owners) == Outcome.UNDECIDED
    inbox.clear()
    travel(minutes=59)
    try_dates(user, 6)
    work()
    assert inbox.mails == []
    travel(minutes=1, seconds=1)
    try_dates(user, 6)
    work()
    assert outcome(owners) == Outcome.MAILED
    assert inbox.only().subject == "Your ESR username and a link to set your password"


def test_each_network_has_its_turn_where_a_stranger_has_several(user: User, work: Work, travel: Travel) -> None:
    """Threat: the same, from three networks. The owner is fourth: new tries do not keep the places of old ones."""
    networks = [f"203.0.{number}.7" for number in range(1, 4)]
    for _ in range(3):
        for address in networks:
            try_dates(user, 1, address)
        work()
    owners = ask(user, DATE_OF_BIRTH)
    for _ in range(4):
        assert outcome(owners) == Outcome.UNDECIDED
        travel(hours=1, seconds=1)
        work()
    assert outcome(owners) == Outcome.MAILED


@pytest.mark.parametrize("strangers", [1, 2, 3])
def test_asking_again_costs_no_turn(user: User, work: Work, travel: Travel, strangers: int) -> None:
    """Threat: a stranger has one request waiting, while the owner fills in the form again every 20 minutes.

    The newest of a network stands where its oldest stood; else the owner's would be the youngest for ever.
    """
    networks = [f"203.0.{number}.7" for number in range(1, strangers + 1)]
    for address in networks * 5:
        try_dates(user, 1, address)
        work()
    waiting: dict[str, RecoveryRequest] = {}
    for _ in range(3 * (strangers + 1) + 1):
        for address in networks:
            if address not in waiting or outcome(waiting[address]):
                waiting[address] = ask(user, DATE_OF_BIRTH + datetime.timedelta(days=1), address)
        ask(user, DATE_OF_BIRTH)
        work()
        travel(minutes=20, seconds=1)
    assert RecoveryRequest.objects.filter(outcome=Outcome.MAILED).exists()


def test_the_newest_counts_of_those_that_a_person_has_sent(user: User, work: Work, travel: Travel) -> None:
    """A person who has mistyped their date all the time, and then gets it right, is answered after an hour."""
    try_dates(user, 8, OWNERS)
    right = ask(user, DATE_OF_BIRTH)
    work()
    assert outcome(right) == Outcome.UNDECIDED
    travel(hours=1, seconds=1)
    work()
    assert outcome(right) == Outcome.MAILED
    assert not RecoveryRequest.objects.filter(decided_at=None).exists()
    work()
    assert not OutboxMessage.objects.filter(sent_at=None).exists()


def test_a_new_request_is_decided_at_once_where_the_hour_is_over(user: User, work: Work, travel: Travel) -> None:
    try_dates(user, 5)
    work()
    travel(hours=1, seconds=1)
    right = ask(user, DATE_OF_BIRTH)
    work()
    assert outcome(right) == Outcome.MAILED


def test_four_wrong_dates_slow_nothing_and_five_for_a_day(user: User, work: Work, travel: Travel) -> None:
    try_dates(user, 4)
    work()
    right, fifth = ask(user, DATE_OF_BIRTH), ask(user, DATE_OF_BIRTH + datetime.timedelta(days=40))
    work()
    assert (outcome(right), outcome(fifth)) == (Outcome.MAILED, Outcome.DATE_DIFFERS)
    waits = ask(user, DATE_OF_BIRTH)
    work()
    assert outcome(waits) == Outcome.UNDECIDED
    travel(hours=24, seconds=1)
    at_once = [ask(user, DATE_OF_BIRTH) for _ in range(2)]
    work()
    assert [outcome(request) for request in at_once] == [Outcome.MAILED] * 2


def test_right_dates_are_not_slowed_and_a_used_up_day_is_told_at_once(user: User, work: Work) -> None:
    """Else a request would show by waiting whether the date before it was right."""
    requests = [ask(user, DATE_OF_BIRTH) for _ in range(6)]
    work()
    assert [outcome(request) for request in requests] == [Outcome.MAILED] * 5 + [Outcome.LIMITED]
    try_dates(user, 6)
    work()
    assert not RecoveryRequest.objects.filter(decided_at=None).exists()


def test_another_address_is_not_slowed_and_an_unknown_one_waits_for_nothing(user: User, work: Work) -> None:
    try_dates(user, 6)
    work()
    other = ask(make_user(), DATE_OF_BIRTH)
    unknown = [ask(User(email="nobody@nhs.net"), DATE_OF_BIRTH) for _ in range(7)]
    work()
    assert outcome(other) == Outcome.MAILED
    assert {outcome(request) for request in unknown} == {Outcome.NO_MATCH}


def test_what_was_typed_is_kept_for_a_day_at_most(user: User, work: Work, travel: Travel) -> None:
    """Threat: an attacker with many networks takes every turn, and what the owner typed stays for ever."""
    try_dates(user, 5)
    work()
    for number in range(1, 9):
        try_dates(user, 1, f"203.0.{number}.7")
    owners = ask(user, DATE_OF_BIRTH)
    work()
    # Eighteen hours without a worker: those who wait are as many as with one, and take fewer strangers.
    travel(hours=18)
    for _ in range(6):
        assert outcome(owners) == Outcome.UNDECIDED
        travel(hours=1, seconds=1)
        work()
    assert outcome(owners) == Outcome.LIMITED
    assert (owners.email, owners.date_of_birth_digest, owners.network) == ("", "", "")


def test_a_worker_that_is_killed_after_a_decision_decides_no_second_one(user: User, work: Work, travel: Travel) -> None:
    try_dates(user, 7)
    work()
    travel(hours=1, seconds=1)
    waiting = RecoveryRequest.objects.get(decided_at=None)
    for _ in range(2):
        assert recovery.decide(request_id=waiting.pk) is None
    assert compared() == 6


def test_waiting_is_no_failed_attempt(user: User, work: Work) -> None:
    """Else the operator is alarmed by a row with many attempts."""
    try_dates(user, 7)
    work()
    waiting = OutboxMessage.objects.filter(kind=Kind.DECIDE_RECOVERY, sent_at=None)
    assert set(waiting.values_list("attempts", "last_error", "leased_until")) == {(0, "", None)}


def test_a_request_that_the_version_before_has_stored_is_decided(user: User, work: Work) -> None:
    request = ask(user, DATE_OF_BIRTH)
    RecoveryRequest.objects.filter(pk=request.pk).update(network="")
    work()
    assert outcome(request) == Outcome.MAILED


@pytest.mark.parametrize("hours", [0, 22, 23.5])
def test_what_was_typed_is_looked_at_no_later_than_a_day_after_it_was_sent(hours: float) -> None:
    """It is kept until then: the page about privacy says "a day at most"."""
    request = RecoveryRequest(created_at=timezone.now() - datetime.timedelta(hours=hours))
    put_off = slowing.no_later_than_its_end(request, timezone.now() + slowing.ONE_DECISION_EVERY)
    assert put_off <= request.created_at + slowing.DAY
    assert put_off > timezone.now()


def test_a_new_secret_key_begins_no_pace_and_no_day_anew(
    user: User, work: Work, settings: Settings, travel: Travel
) -> None:
    """Threat: the reader of a mailbox has five dates more, and five mails, each time that the keys are changed."""
    try_dates(user, 5)
    work()
    waiting = ask(user, DATE_OF_BIRTH)
    work()
    assert (compared(), outcome(waiting)) == (5, Outcome.UNDECIDED)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "a-new-key"
    try_dates(user, 1)
    work()
    assert compared() == 5
    travel(hours=1, seconds=1)
    work()
    assert compared() == 6
