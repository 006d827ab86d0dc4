"""What is counted of guessing: many usernames from one network, and lists of usernames that nobody has."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

import pytest

from accounts.models import DailyCount, SecurityEvent, User
from accounts.models.security_event import Event
from accounts.services import counting, daily_counts, lockout
from tests.support.factories import make_organisation, make_user

if TYPE_CHECKING:
    from tests.support.travel import Travel

pytestmark = pytest.mark.django_db

DAY = datetime.date(2026, 6, 3)
NOON = datetime.datetime(2026, 6, 3, 12, tzinfo=datetime.UTC)


def happened(event: Event, user: User | None = None, **facts: object) -> None:
    SecurityEvent.objects.create(event=event, user=user, at=NOON, **facts)


def counted(organisation: int | None) -> dict[str, int]:
    daily_counts.count_day(day=DAY)
    return dict(DailyCount.objects.filter(day=DAY, organisation=organisation).values_list("what", "count"))


def test_many_names_from_one_network_are_spraying_unless_people_get_in_from_there() -> None:
    here, there = make_organisation(), make_organisation(code="111", name="South")
    people = [make_user(organisation=here if n % 2 else there) for n in range(counting.SPRAYED_NAMES)]
    for network in ("192.0.2.1", "198.51.100.1"):
        for person in people:
            happened(Event.LOG_IN_FAILED, person, reason="wrong_password", address=network)
    # A hospital: half of those who mistype get in.
    for person in people[: counting.SPRAYED_NAMES // 2]:
        happened(Event.LOGGED_IN, person, address="198.51.100.1")
    assert counted(here.pk)[counting.SPRAYED] == counted(there.pk)[counting.SPRAYED] == counting.SPRAYED_NAMES // 2
    SecurityEvent.objects.filter(address="192.0.2.1")._raw_delete("default")
    assert counting.SPRAYED not in counted(here.pk)


def test_many_names_are_spraying_however_many_passwords_are_tried_for_each() -> None:
    """Threat: an attacker tries ten common passwords, or wastes tries on one name, and the overview says nothing."""
    people = [make_user() for _ in range(counting.SPRAYED_NAMES)]
    for person in people * lockout.LIMIT:
        happened(Event.LOG_IN_FAILED, person, reason="wrong_password", address="192.0.2.1")
    assert counted(people[0].organisation_id)[counting.SPRAYED] == counting.SPRAYED_NAMES


def test_the_log_says_that_many_names_are_tried_and_again_when_they_are_more(
    travel: Travel, caplog: pytest.LogCaptureFixture
) -> None:
    travel.to(NOON)
    people = [make_user() for _ in range(counting.SPRAYED_NAMES + 1)]

    def guess(those: list[User]) -> list[tuple[str, int, int]]:
        for person in those:
            happened(Event.LOG_IN_FAILED, person, reason="wrong_password", address="192.0.2.1")
        caplog.clear()
        daily_counts.count_day(day=DAY)
        lines: list[Any] = [line for line in caplog.records if line.name == "esr_portal.guessing"]
        return [(line.levelname, line.people, line.unknown_usernames) for line in lines]

    assert guess(people[:10]) == []
    assert guess(people[10:20]) == [("WARNING", 20, 0)]
    assert guess([]) == []
    assert guess(people[20:]) == [("WARNING", 21, 0)]
    for _ in range(counting.STUFFED_NAMES):
        happened(Event.LOG_IN_FAILED, None, reason="unknown_username")
    assert guess([]) == [("WARNING", 21, counting.STUFFED_NAMES)]
    caplog.clear()
    travel.to(NOON + 2 * daily_counts.DAY)
    happened(Event.LOG_IN_FAILED, None, reason="unknown_username")
    daily_counts.count_day(day=DAY)
    assert "esr_portal.guessing" not in {line.name for line in caplog.records}


def test_one_person_who_mistypes_often_is_no_spraying() -> None:
    person = make_user()
    for _ in range(5 * counting.SPRAYED_NAMES):
        happened(Event.LOG_IN_FAILED, person, reason="wrong_password", address="192.0.2.1")
    assert counting.SPRAYED not in counted(person.organisation_id)


def test_many_unknown_names_in_an_hour_are_a_list_that_is_tried_unless_more_people_get_in() -> None:
    person = make_user()
    for _ in range(counting.STUFFED_NAMES):
        happened(Event.LOG_IN_FAILED, None, reason="unknown_username")
    assert counted(None)[counting.STUFFED] == counting.STUFFED_NAMES
    for _ in range(counting.STUFFED_NAMES):
        happened(Event.LOGGED_IN, person)
    assert counting.STUFFED not in counted(None)
