"""The desk's events as CSV, for who may export."""

from __future__ import annotations

import csv
import datetime
import io
from typing import Any

import pytest

from accounts.models import SecurityEvent, User
from accounts.models.security_event import Event
from helpdesk import event_search
from helpdesk.views import events
from tests.support.factories import make_organisation, make_user
from tests.support.helpdesk import at_work, make_agent, make_lead, text

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

EVENTS = "/admin/desk/events/"
NOW = datetime.datetime(2026, 10, 5, 7, 8, tzinfo=datetime.UTC)


def add(user: User, event: Event = Event.UNLOCKED, *, minutes: int = 0, **facts: Any) -> None:
    """Add an event so many minutes before NOW."""
    SecurityEvent.objects.create(user=user, event=event, at=NOW - datetime.timedelta(minutes=minutes), **facts)


def test_who_may_export_downloads_all_that_fit_and_no_cell_is_a_formula(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "READ_AT_ONCE", 2)
    person = make_user()
    for minutes in range(5):
        add(person, Event.LOGGED_IN, minutes=minutes, device="=1+1", address="192.0.2.7")
    add(make_user(organisation=make_organisation(code="998")), Event.LOGGED_IN)
    desk = at_work(lead := make_lead())
    response = desk.get(EVENTS, {"format": "csv", "person": person.username})
    assert SecurityEvent.objects.filter(event=Event.EVENTS_EXPORTED).values_list("user", flat=True).get() == lead.pk
    lines_of = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    heading, *lines = csv.reader(io.StringIO(lines_of))
    assert heading == ["Time", "What happened", "Person", "Agent", "Address", "Device", "Reference"]
    assert len(lines) == 5
    assert lines[0] == ["2026-10-05 08:08:00+01:00", "Logged in", person.username, "", "192.0.2.7", "'=1+1", ""]
    assert "Download these events (CSV)" in text(desk, EVENTS)


@pytest.mark.parametrize("read", [1, 2, 3, 500])
def test_each_event_is_there_once_however_the_reading_is_cut(monkeypatch: pytest.MonkeyPatch, read: int) -> None:
    """What came of a request is held back where a page ends at it, and must not come with the next as well."""
    monkeypatch.setattr(events, "READ_AT_ONCE", read)
    monkeypatch.setattr(event_search, "STEPS", (2, 4))
    person = make_user()
    kinds = [Event.LOGGED_IN, Event.RECOVERY_DECIDED, Event.RECOVERY_DECIDED, Event.LOGGED_IN, Event.RECOVERY_DECIDED]
    travelled = datetime.datetime.now(datetime.UTC) - NOW
    for number in range(15):
        add(person, kinds[number % 5], minutes=number - int(travelled.total_seconds() // 60), device=f"No. {number:02}")
    response = at_work(make_lead()).get(EVENTS, {"format": "csv", "person": person.username})
    lines = b"".join(response.streaming_content).decode("utf-8-sig").splitlines()[1:]  # type: ignore[attr-defined]
    told = [line[line.index("No. ") :][:6] for line in lines if "No. " in line]
    assert told == [f"No. {number:02}" for number in range(15)]


def test_a_download_ends_where_it_is_too_long_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "READ_AT_ONCE", 2)
    monkeypatch.setattr(events, "MOST_EXPORTED", 2)
    person = make_user()
    for minutes in range(5):
        add(person, Event.LOGGED_IN, minutes=minutes)
    response = at_work(make_lead()).get(EVENTS, {"format": "csv", "person": person.username})
    lines_of = b"".join(response.streaming_content).decode()  # type: ignore[attr-defined]
    assert lines_of.splitlines()[-1] == '"There are more events. Choose fewer days."'


def test_an_agent_may_not_export() -> None:
    desk = at_work(make_agent())
    add(make_user())
    assert desk.get(EVENTS, {"format": "csv"}).status_code == 403
    assert "Download" not in text(desk, EVENTS)


@pytest.mark.parametrize("query", [{}, {"format": "csv"}])
@pytest.mark.parametrize("name", ["since", "until"])
def test_the_last_day_of_the_calendar_is_a_day_as_others(name: str, query: dict[str, str]) -> None:
    """Threat: a day with none after it makes the page fail."""
    add(make_user())
    typed = {f"{name}_day": "31", f"{name}_month": "12", f"{name}_year": "9999"}
    assert at_work(make_lead()).get(EVENTS, typed | query).status_code == 200
