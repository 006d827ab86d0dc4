"""The desk's page of security events: found by person, agent, kind, network, reference and time."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

import pytest
from bs4 import BeautifulSoup
from django.utils import timezone

from accounts.models import SecurityEvent, User
from accounts.models.role import Role
from accounts.models.security_event import Event
from accounts.services import filing_events, recovery
from helpdesk import desk_addresses, event_networks, event_search
from tests.support.factories import DATE_OF_BIRTH, make_organisation, make_user
from tests.support.helpdesk import at_work, make_agent, make_operator, part_of

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries

    from tests.support.steps import PortalClient

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

EVENTS = "/admin/desk/events/"
BOXES = [f"{name}_{part}" for name in ("since", "until") for part in ("day", "month", "year")]
NOW = datetime.datetime(2026, 10, 5, 7, 8, tzinfo=datetime.UTC)


def add(user: User | None, event: Event = Event.UNLOCKED, *, minutes: int = 0, **facts: Any) -> SecurityEvent:
    """Add an event so many minutes before NOW."""
    at = NOW - datetime.timedelta(minutes=minutes)
    return SecurityEvent.objects.create(user=user, event=event, at=at, **facts)


def page(desk: PortalClient, **typed: Any) -> BeautifulSoup:
    response = desk.get(EVENTS, typed)
    assert response.status_code == 200
    return BeautifulSoup(response.content, "html.parser")


def rows(desk: PortalClient, **typed: Any) -> list[list[str]]:
    """Return the cells of each row, of the events of October 2026."""
    october = {"until_day": "31", "until_month": "10", "until_year": "2026"}
    response = desk.get(EVENTS, {**october, **typed})
    assert response.status_code == 200
    listed = part_of(response.text, "tbody").select("tr")
    return [[" ".join(cell.get_text(" ").split()) for cell in row.select(".desk-table__value")] for row in listed]


@pytest.fixture(params=["filed", "not filed yet"])
def file(request: pytest.FixtureRequest) -> Any:
    """Return what files the events that there are; and something that does not: the search finds them all the same."""
    return filing_events.file_new if request.param == "filed" else (lambda: None)


def test_a_row_says_what_happened_to_whom_when_by_whom_and_from_where(file: Any) -> None:
    agent, person = make_agent(), make_user()
    add(person, Event.UNLOCKED, by=agent, note="Jo called from ward 4")
    add(person, Event.LOGGED_IN, minutes=5, address="192.0.2.7", device="Chrome on Windows")
    file()
    desk = at_work(agent)
    assert rows(desk) == [
        [
            "5 October 2026 at 8:08am",
            "Unlocked Jo called from ward 4",
            *(person.username, agent.username, "Not known"),
        ],
        ["5 October 2026 at 8:03am", "Logged in", person.username, "No agent", "192.0.2.7 Chrome on Windows"],
    ]
    assert page(desk).select_one(f'tbody a[href="{desk_addresses.of_person(key=person.pk)}"]')


def test_each_box_finds_and_all_have_to_fit(file: Any) -> None:
    agent, one, two = make_agent(), make_user(), make_user()
    add(one, Event.LOGGED_IN, address="192.0.2.7", reason="a")
    add(one, Event.UNLOCKED, minutes=1, by=agent)
    add(two, Event.LOGGED_IN, minutes=2, address="192.0.2.200")
    add(two, Event.RECOVERY_REQUESTED, minutes=60 * 24 * 3, address="2001:db8::7", reference="7K3M-9QXT")
    file()
    desk = at_work(agent)
    # Minutes before the oldest of them are how each is told.
    found = {
        "person": ({"person": one.username.lower()}, 2),
        "agent": ({"agent": f" {agent.username} "}, 1),
        "kind": ({"kind": "logged_in"}, 2),
        "address": ({"network": "192.0.2.7"}, 1),
        "network": ({"network": "192.0.2.0/24"}, 2),
        "network of IPv6": ({"network": "2001:db8::/32"}, 1),
        "reference": ({"reference": "7k3m 9qxt"}, 1),
        "first day": ({"since_day": "4", "since_month": "10", "since_year": "2026"}, 3),
        "person and kind": ({"person": one.username, "kind": "logged_in"}, 1),
        "person and network": ({"person": one.username, "network": "192.0.2.0/24"}, 1),
        "kind and network": ({"kind": "logged_in", "network": "192.0.2.128/25"}, 1),
        "agent and kind": ({"agent": agent.username, "kind": "logged_in"}, 0),
        "reference and person": ({"reference": "7K3M-9QXT", "person": one.username}, 0),
        "nobody's username": ({"person": "999NOBODY01"}, 0),
        "no agent's username": ({"agent": "999NOBODY01"}, 0),
        "other network": ({"network": "198.51.100.0/24"}, 0),
    }
    assert {name: len(rows(desk, **typed)) for name, (typed, _) in found.items()} == {
        name: number for name, (_, number) in found.items()
    }


def test_the_last_day_is_shown_whole_and_the_first_too(file: Any) -> None:
    """In the time of the reader: midnight of summer time is 11pm of the day before in UTC."""
    person = make_user()
    for hour in (22, 23):
        SecurityEvent.objects.create(
            user=person, event=Event.LOGGED_IN, at=datetime.datetime(2026, 9, 3, hour, 30, tzinfo=datetime.UTC)
        )
    file()
    desk = at_work(make_agent())
    day = {f"{name}_{part}": value for name in ("since", "until") for part, value in {"day": "4", "month": "9"}.items()}
    typed = {**day, "since_year": "2026", "until_year": "2026"}
    assert len(page(desk, **typed).select("tbody tr")) == 1


def test_the_next_page_begins_behind_this_one_also_within_one_moment(file: Any) -> None:
    agent, person = make_agent(), make_user()
    made = [add(person, minutes=number // 60, reason=f"{number}") for number in range(event_search.PAGE * 2 + 7)]
    file()
    desk = at_work(agent)
    seen: list[str] = []
    first = page(desk, kind="unlocked")
    address: str | None = ""
    while address is not None:
        shown = (
            page(desk, kind="unlocked")
            if not address
            else BeautifulSoup(desk.get(EVENTS + address).content, "html.parser")
        )
        seen += [row.get_text() for row in shown.select("tbody tr")]
        link = shown.find("a", string="Earlier events")
        address = str(link["href"]) if link else None
    assert len(seen) == len(made)
    assert len(first.select("tbody tr")) == event_search.PAGE


def test_nothing_of_another_organisation_is_found_in_any_way(file: Any) -> None:
    """Threat: an agent reads where and when the people of another organisation get in."""
    theirs = make_user(organisation=make_organisation(code="998"))
    agent = make_agent()
    add(theirs, Event.LOGGED_IN, address="192.0.2.7", reference="7K3M-9QXT", by=agent)
    add(None, Event.LOG_IN_FAILED, address="192.0.2.7")
    file()
    desk = at_work(agent)
    assert rows(desk) == []
    ways = [{"person": theirs.username}, {"agent": agent.username}, {"kind": "logged_in"}, {"kind": "log_in_failed"}]
    ways += [{"network": "192.0.2.7"}, {"network": "192.0.2.0/24"}, {"reference": "7K3M-9QXT"}]
    for typed in ways:
        assert rows(desk, **typed) == [], typed
        assert "looked back" not in page(desk, **typed).get_text(), typed
    assert len(rows(at_work(make_operator()))) == 2


def test_how_far_a_page_looked_tells_nothing_of_another_organisation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_search, "STEPS", (1,))
    theirs, own = make_user(organisation=make_organisation(code="998")), make_user()
    agent = make_agent()
    for minutes in range(5):
        add(theirs, Event.LOGGED_IN, minutes=minutes, address="192.0.2.7", by=agent)
    add(own, Event.UNLOCKED, minutes=60)
    filing_events.file_new()
    desk = at_work(agent)
    for typed in ({"network": "192.0.2.7"}, {"network": "192.0.2.0/24"}, {"agent": agent.username}):
        # Of October: what the agent does now is newer, and not filed yet.
        said = " ".join(page(desk, until_day="31", until_month="10", until_year="2026", **typed).get_text().split())
        assert "There is none." in said, typed
        assert "looked back" not in said, typed


def test_a_search_that_looks_at_too_many_says_how_far_back_it_looked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_search, "STEPS", (2, 3))
    person = make_user()
    for minutes in range(8):
        add(person, Event.LOGGED_IN, minutes=minutes)
    wanted = add(person, Event.UNLOCKED, minutes=9)
    desk = at_work(make_agent())
    shown = page(desk, person=person.username, kind="unlocked")
    assert "There is none among the events that were looked at." in shown.get_text()
    assert "looked back to 5 October 2026 at 8:04am" in " ".join(shown.get_text().split())
    link = shown.find("a", string="Look further back")
    assert link
    further = BeautifulSoup(desk.get(EVENTS + str(link["href"])).content, "html.parser")
    assert len(further.select("tbody tr")) == 1
    assert SecurityEvent.objects.get(user=person, event=Event.UNLOCKED) == wanted


def test_a_network_with_very_many_addresses_is_looked_for_in_the_order_of_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_networks, "MOST_ADDRESSES", 2)
    person = make_user()
    for number in range(5):
        add(person, Event.LOGGED_IN, minutes=number, address=f"192.0.2.{number}")
    add(person, Event.LOGGED_IN, address="198.51.100.1")
    filing_events.file_new()
    for desk in (at_work(make_agent()), at_work(make_operator())):
        assert len(rows(desk, network="192.0.2.0/24")) == 5


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"network": "ward 4"}, "Write a network like 10.20.0.0/16"),
        ({"network": "192.0.2.1/24"}, "Write 192.0.2.0/24 if you mean the whole network."),
        ({"reference": "hello"}, "Type a recovery reference like 7K3M-9QXT."),
        ({"kind": "nothing"}, "This is not one of the choices"),
        (
            dict(zip(BOXES, ("5", "10", "2026", "4", "10", "2026"), strict=True)),
            "The last day must be the first day or after it.",
        ),
    ],
)
def test_what_cannot_be_looked_for_is_said_beside_its_box(typed: dict[str, str], said: str) -> None:
    shown = page(at_work(make_agent()), **typed)
    assert said in " ".join(shown.get_text().split())
    assert shown.title
    assert shown.title.get_text().strip().startswith("Error: Events")
    assert not shown.select("tbody tr")


ENDS = ["0001-01-01T00:00:00+14:00~7", "9999-12-31T23:59:59-14:00~7"]
NO_PLACES = [
    "",
    "x",
    "2026-10-05~7",
    "2026-10-05T07:08:00~7",
    f"{NOW.isoformat()}~x",
    f"{NOW.isoformat()}~{2**70}",
    "~",
]


@pytest.mark.parametrize("behind", [*NO_PLACES, *ENDS])
def test_a_place_that_was_made_up_is_no_place(behind: str) -> None:
    add(make_user())
    assert len(rows(at_work(make_agent()), behind=behind)) == 1


def test_what_a_request_does_not_tell_its_event_does_not_either() -> None:
    """Beyond three dates in a day for one address (decision 48)."""
    person = make_user()
    for days in range(4):
        reference = recovery.ask(email=person.email, date_of_birth=DATE_OF_BIRTH + datetime.timedelta(days=days))
        recovery.decide(request_id=recovery_request(reference))
    filing_events.file_new()
    desk = at_work(make_agent())
    assert len(page(desk, kind="recovery_decided").select("tbody tr")) == 0
    assert len(page(desk, reference=reference).select("tbody tr")) <= 1
    assert "Recovery decided" not in str(page(desk, reference=reference).select("tbody"))


def recovery_request(reference: str) -> int:
    from accounts.models import RecoveryRequest

    return RecoveryRequest.objects.get(reference=reference).pk


def test_looking_for_a_reference_is_recorded_once_for_all_its_pages() -> None:
    agent = make_agent()
    desk = at_work(agent)
    page(desk, reference="7K3M-9QXT")
    behind = f"{timezone.now().isoformat()}~7"
    page(desk, reference="7K3M-9QXT", behind=behind)
    looked_up = SecurityEvent.objects.filter(event=Event.RECOVERY_LOOKED_UP)
    assert looked_up.filter(by=agent).count() == 1
    # An address that begins with a further page is recorded all the same.
    page(at_work(other := make_agent()), reference="7K3M-9QXT", behind=behind)
    assert looked_up.filter(by=other).count() == 1


def test_more_than_is_looked_at_waits_to_be_filed_and_the_page_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_search, "MOST_UNFILED", 2)
    person, desk = make_user(), at_work(make_agent())
    for minutes in range(4):
        add(person, Event.LOGGED_IN, minutes=minutes)
    assert "still being sorted" in page(desk, kind="logged_in").get_text()
    filing_events.file_new()
    assert "still being sorted" not in page(desk, kind="logged_in").get_text()


@pytest.mark.parametrize("role", [Role.AGENT, Role.NATIONAL_ADMIN])
def test_the_page_takes_as_many_queries_however_many_events_there_are(
    role: Role, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    person, desk = make_user(), at_work(make_user(role=role))
    for minutes in range(120):
        add(person, Event.LOGGED_IN, minutes=minutes)
    filing_events.file_new()
    page(desk)
    with django_assert_max_num_queries(12):
        page(desk, kind="logged_in", network="192.0.2.0/24")
