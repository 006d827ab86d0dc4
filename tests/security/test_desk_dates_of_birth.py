"""Threat: agents learn a date of birth by comparing one after the other, alone, in two tabs, or together."""

from __future__ import annotations

import datetime
import functools
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from accounts.models import OutboxMessage, SecurityEvent, User
from accounts.models.security_event import Event
from helpdesk.services import dates_of_birth
from helpdesk.services.dates_of_birth import TooManyTries
from people.services import rights
from tests.support.factories import make_organisation, make_user
from tests.support.helpdesk import at_work, form_of, make_agent, page_of
from tests.support.threads import all_at_once
from tests.support.travel import Travel

if TYPE_CHECKING:
    from tests.support.smtp import Inbox

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

BORN = datetime.date(1980, 4, 23)
DAY = datetime.timedelta(days=1)


def compare(person: User, by: User, date: datetime.date = BORN) -> bool:
    return dates_of_birth.compare(person=person, by=by, note="Jo called", date=date)


def test_two_agents_have_three_tries_an_hour_together_and_ten_a_day(travel: Travel) -> None:
    person, other = make_user(date_of_birth=BORN), make_user(date_of_birth=BORN)
    one, two = make_agent(), make_agent()
    travel.to(datetime.datetime(2026, 11, 26, 8, 0, tzinfo=datetime.UTC))
    assert [compare(person, by, BORN + off * DAY) for by, off in ((one, 1), (two, 0), (one, 2))] == [False, True, False]
    for by in (one, two):
        with pytest.raises(TooManyTries) as refused:
            compare(person, by)
        assert refused.value.until.replace(second=0, microsecond=0) == datetime.datetime(
            2026, 11, 26, 9, 0, tzinfo=datetime.UTC
        )
    assert compare(other, one), "another person has tries of their own"
    for _ in range(2):
        travel(hours=1, seconds=1)
        assert [compare(person, two) for _ in range(3)] == [True] * 3
    travel(hours=1, seconds=1)
    assert compare(person, one)
    with pytest.raises(TooManyTries) as refused:
        compare(person, one)
    assert refused.value.until.replace(second=0, microsecond=0) == datetime.datetime(
        2026, 11, 27, 8, 0, tzinfo=datetime.UTC
    )
    # What is refused is no try.
    assert SecurityEvent.objects.filter(event=Event.DATE_OF_BIRTH_COMPARED, user=person).count() == 10


@pytest.mark.django_db(transaction=True)
def test_nor_do_two_tabs_at_once_have_more() -> None:
    person, agents = make_user(date_of_birth=BORN), [make_agent() for _ in range(2)]
    calls = [functools.partial(compare, person, agents[number % 2], BORN + number * DAY) for number in range(8)]
    answers = all_at_once(calls)
    assert sum(isinstance(answer, TooManyTries) for answer in answers) == 5
    assert SecurityEvent.objects.filter(event=Event.DATE_OF_BIRTH_COMPARED).count() == 3


def test_no_agent_tries_where_they_may_change_nothing() -> None:
    agent, colleague = make_agent(), make_agent()
    elsewhere = make_user(organisation=make_organisation(code="111", name="Southern", domain=""))
    for person in (agent, colleague, elsewhere):
        with pytest.raises(rights.NotAllowed):
            compare(person, agent)
    assert not SecurityEvent.objects.filter(event=Event.DATE_OF_BIRTH_COMPARED).exists()


def test_no_event_mail_or_log_has_a_date_and_the_person_is_told_the_same_of_a_match_and_of_none(
    deliver_mail: Callable[[], None], inbox: Inbox, caplog: pytest.LogCaptureFixture
) -> None:
    person, agent = make_user(date_of_birth=BORN), make_agent()
    with caplog.at_level("INFO"):
        for off in (0, 1):
            compare(person, agent, BORN + off * DAY)
    events = SecurityEvent.objects.filter(event=Event.DATE_OF_BIRTH_COMPARED).order_by("pk")
    assert [event.reason for event in events] == ["match", "no_match"]
    assert [set(row.about) for row in OutboxMessage.objects.all()] == [{"users", "event"}] * 2
    deliver_mail()
    one, other = inbox.to(person.email)
    said = "The helpdesk compared a date of birth with the one on your record."
    assert said in one.text
    assert said in other.text
    everything = " ".join([one.text, one.html, other.text, other.html, caplog.text, *map(repr, events.values())])
    assert "1980" not in everything


def test_a_date_that_is_typed_into_the_record_and_is_the_one_there_is_told_as_a_comparison(
    deliver_mail: Callable[[], None], inbox: Inbox
) -> None:
    """Threat: a right guess in the form of the record changes nothing, and so would leave no trace."""
    person, agent = make_user(date_of_birth=BORN), make_agent()
    desk = at_work(agent)
    desk.post(page_of(person), form_of(person))
    assert not SecurityEvent.objects.filter(event=Event.DATE_OF_BIRTH_COMPARED).exists()
    desk.post(page_of(person), form_of(person, new_date_of_birth="23/4/1980"))
    told = SecurityEvent.objects.get(event=Event.DATE_OF_BIRTH_COMPARED)
    assert (told.user_id, told.by_id, told.reason) == (person.pk, agent.pk, "match")
    deliver_mail()
    assert "The helpdesk compared a date of birth with the one on your record." in inbox.to(person.email)[0].text
    # Another is a change, which has its own event; the one that was there is gone.
    desk.post(page_of(person), form_of(person, new_date_of_birth="24/4/1980"))
    assert SecurityEvent.objects.filter(event=Event.DATE_OF_BIRTH_COMPARED).count() == 1
    assert SecurityEvent.objects.filter(event=Event.PERSON_CHANGED, reason="date_of_birth").count() == 1
