"""The other pages of the admin: organisations, notices, applications, events, outbox, recovery requests."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Organisation, OutboxMessage, SecurityEvent
from accounts.models.outbox import Kind
from accounts.models.security_event import Event
from accounts.services import events, recovery
from hub.models import Application, Notice
from tests.support.factories import DATE_OF_BIRTH, make_organisation, make_user
from tests.support.helpdesk import at_work, make_agent
from tests.support.steps import PortalClient

pytestmark = pytest.mark.django_db

ORGANISATIONS = "/admin/accounts/organisation/"
EVENTS = "/admin/accounts/securityevent/"
OUTBOX = "/admin/accounts/outboxmessage/"
REQUESTS = "/admin/accounts/recoveryrequest/"


def rows(client: PortalClient, address: str, **query: str) -> list[list[str]]:
    """Return the cells of a list."""
    response = client.get(address, query)
    assert response.status_code == 200
    page = BeautifulSoup(response.content, "html.parser")
    cells = [row.select("td:not(.action-checkbox), th") for row in page.select("#result_list tbody tr")]
    return [[" ".join(cell.get_text(" ").split()) for cell in row] for row in cells]


# Organisations --------------------------------------------------------------------------------------------------------


def domains(*names: str) -> dict[str, Any]:
    sent = {"email_domains-TOTAL_FORMS": str(len(names)), "email_domains-INITIAL_FORMS": "0"}
    sent |= {"trusted_networks-TOTAL_FORMS": "0", "trusted_networks-INITIAL_FORMS": "0"}
    return sent | {f"email_domains-{n}-domain": name for n, name in enumerate(names)}


SECOND_STEP = {"second_step": "optional", "second_step_share": "100"}


def test_an_operator_adds_an_organisation_with_its_email_domains(operators_desk: PortalClient) -> None:
    typed = {"code": "111", "name": "Southern", "support_email": "esr@south.nhs.uk", "care_identity_level": "3"}
    sent = {**typed, **SECOND_STEP, **domains("south.nhs.uk", "nhs.net")}
    assert operators_desk.post(f"{ORGANISATIONS}add/", sent).status_code == 302
    added = Organisation.objects.get(code="111")
    assert set(added.email_domains.values_list("domain", flat=True)) == {"south.nhs.uk", "nhs.net"}


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"code": "11"}, "three digits"),
        ({"code": "999"}, "already exists"),
        ({"name": ""}, "Fill this in."),
        ({"support_email": "nobody"}, "valid email address"),
        ({"second_step_share": "101"}, "100 or less"),
        (domains("NHS.NET"), "small letters"),
        (domains("@nhs.net"), "small letters"),
        (domains("a.uk", "a.uk"), "is here twice"),
    ],
)
def test_what_is_wrong_with_an_organisation_is_said(
    operators_desk: PortalClient, typed: dict[str, Any], says: str
) -> None:
    make_organisation()
    sent = {"code": "111", "name": "Southern", "support_email": "esr@south.nhs.uk", **domains("south.nhs.uk")}
    sent |= {"care_identity_level": "3", **SECOND_STEP}
    response = operators_desk.post(f"{ORGANISATIONS}add/", {**sent, **typed})
    assert response.status_code == 200
    assert says in response.content.decode()
    assert not Organisation.objects.filter(code="111").exists()


def test_the_code_of_an_organisation_stays(operators_desk: PortalClient) -> None:
    organisation = make_organisation()
    sent = {"code": "222", "name": "Renamed", "support_email": "esr@nhs.net", "care_identity_level": "3", **domains()}
    assert operators_desk.post(f"{ORGANISATIONS}{organisation.pk}/change/", sent | SECOND_STEP).status_code == 302
    organisation.refresh_from_db()
    assert (organisation.code, organisation.name) == ("999", "Renamed")


def test_an_agent_reads_contacts_and_domains() -> None:
    agent = make_agent()
    page = at_work(agent).get(f"{ORGANISATIONS}{agent.organisation_id}/change/").content.decode()
    assert "esr@org999.nhs.example" in page
    assert "nhs.net" in page
    assert 'name="name"' not in page


# Notices and applications ---------------------------------------------------------------------------------------------


def test_a_notice_is_written_and_shown_on_the_front_page(operators_desk: PortalClient, client: PortalClient) -> None:
    sent = {
        "title": "Planned downtime tonight",
        "text": "Back at 6am.",
        "kind": "planned_downtime",
        "shown_from_0": "1/1/2020",
        "shown_from_1": "00:00",
        "shown_until_0": "",
        "shown_until_1": "",
    }
    assert operators_desk.post("/admin/hub/notice/add/", sent).status_code == 302
    assert Notice.objects.get().kind == "planned_downtime"
    assert "Planned downtime tonight" in client.get("/").content.decode()


def test_an_agent_keeps_the_applications_of_their_organisation() -> None:
    agent = make_agent()
    desk = at_work(agent)
    sent: dict[str, Any] = {"name": "Rota", "address": "https://rota.example", "position": 0}
    sent["organisation"] = agent.organisation_id
    assert desk.post("/admin/hub/application/add/", sent).status_code == 302
    assert "already" in desk.post("/admin/hub/application/add/", sent).content.decode()
    rota = Application.objects.get()
    sent["address"] = "javascript:alert(1)"
    assert desk.post(f"/admin/hub/application/{rota.pk}/change/", sent).status_code == 200
    assert desk.post(f"/admin/hub/application/{rota.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not Application.objects.exists()


# Security events ------------------------------------------------------------------------------------------------------


def test_events_say_who_whom_what_when_and_from_where(operators_desk: PortalClient) -> None:
    person, agent = make_user(username="999WHOM01"), make_agent(username="999WHO01")
    with events.coming_from(events.Origin(address="192.0.2.7", user_agent="Windows NT Chrome/140")):
        events.record(event=Event.UNLOCKED, user_id=person.pk, by=agent, reason="asked")
    [row] = rows(operators_desk, EVENTS, event__exact="unlocked")
    assert row[1:] == ["Unlocked", "999WHOM01", "999WHO01", "192.0.2.7", "Chrome on Windows", "asked", "-"]


def test_events_are_found_by_whom_by_who_and_by_reference(operators_desk: PortalClient) -> None:
    person, agent = make_user(username="999WHOM01"), make_agent(username="999WHO01")
    events.record(event=Event.UNLOCKED, user_id=person.pk, by=agent)
    events.record(event=Event.RECOVERY_REQUESTED, user_id=None, reference="ABCD-EFGH")
    assert len(rows(operators_desk, EVENTS, q="999whom01")) == 1
    assert len(rows(operators_desk, EVENTS, q="999WHO01")) == 1
    assert [row[7] for row in rows(operators_desk, EVENTS, q="abcd-efgh")] == ["ABCD-EFGH"] * 2, "the look-up too"
    assert rows(operators_desk, EVENTS, q="999") == []


def test_an_event_about_somebody_who_is_gone_still_shows(operators_desk: PortalClient) -> None:
    events.record(event=Event.LOCKED, user_id=987654321)
    [row] = rows(operators_desk, EVENTS, event__exact="locked")
    assert row[2] == "-"


def test_events_of_today_and_of_a_week_are_one_click(operators_desk: PortalClient) -> None:
    page = BeautifulSoup(operators_desk.get(EVENTS).content, "html.parser")
    links = [str(link["href"]) for link in page.select("#changelist-filter a[href*=at__]")]
    assert len(links) >= 4
    for link in links:
        assert operators_desk.get(EVENTS + link).status_code == 200


@pytest.mark.parametrize("address", [EVENTS, OUTBOX, REQUESTS])
def test_a_list_asks_the_database_as_often_for_fifty_rows_as_for_none(
    operators_desk: PortalClient, address: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    agent = make_agent()
    for _ in range(55):
        person = make_user()
        events.record(event=Event.UNLOCKED, user_id=person.pk, by=agent)
        recovery.ask(email=person.email, date_of_birth=DATE_OF_BIRTH)
    with django_assert_max_num_queries(8):
        assert len(rows(operators_desk, address)) == 50


def test_the_list_of_an_agents_requests_is_short_work(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    desk = at_work(make_agent())
    with django_assert_max_num_queries(8):
        rows(desk, REQUESTS)


# The outbox -----------------------------------------------------------------------------------------------------------


def test_the_outbox_says_kind_state_attempts_and_last_error(operators_desk: PortalClient) -> None:
    now, person = timezone.now(), make_user()
    about = {"users": [person.pk]}
    minute = datetime.timedelta(minutes=1)
    OutboxMessage.objects.create(kind=Kind.RECOVERY, about=about, created_at=now - 4 * minute)
    OutboxMessage.objects.create(
        kind=Kind.RECOVERY, about=about, created_at=now - 3 * minute, attempts=1, leased_until=now + minute
    )
    OutboxMessage.objects.create(
        kind=Kind.RECOVERY, about=about, created_at=now - 2 * minute, attempts=3, last_error="Timed out"
    )
    OutboxMessage.objects.create(kind=Kind.PASSWORD_CHANGED, about=about, attempts=1, sent_at=now)
    assert [row[:4] for row in rows(operators_desk, OUTBOX)] == [
        ["Mail: your password was changed", "Done", "1", "-"],
        ["Mail: your username and a link", "Waits to be tried again", "3", "Timed out"],
        ["Mail: your username and a link", "Being done", "1", "-"],
        ["Mail: your username and a link", "Waits", "0", "-"],
    ]
    assert len(rows(operators_desk, OUTBOX, state="waiting")) == 3
    assert len(rows(operators_desk, OUTBOX, state="failing")) == 2
    assert len(rows(operators_desk, OUTBOX, state="done")) == 1
    assert len(rows(operators_desk, OUTBOX, kind__exact="password_changed")) == 1


# Recovery requests ----------------------------------------------------------------------------------------------------


def test_a_request_is_found_by_its_reference_and_says_what_came_of_it(operators_desk: PortalClient) -> None:
    person = make_user()
    reference = recovery.ask(email=person.email, date_of_birth=DATE_OF_BIRTH)
    recovery.ask(email="somebody.else@nhs.net", date_of_birth=DATE_OF_BIRTH)
    [row] = rows(operators_desk, REQUESTS, q=reference)
    assert (row[0], row[2], row[3]) == (reference, "Not decided yet", "-")
    for message in OutboxMessage.objects.filter(kind=Kind.DECIDE_RECOVERY):
        recovery.decide(request_id=message.about["request"])
    for typed in (reference.lower(), f" {reference} ", reference.replace("-", ""), reference.replace("-", " ")):
        [row] = rows(operators_desk, REQUESTS, q=typed)
        assert row[2] == "A mail with a way in was sent to the address on record"


def test_requests_are_found_by_the_whole_address_that_was_typed(operators_desk: PortalClient) -> None:
    reference = recovery.ask(email="Jo.Typo@nhs.net", date_of_birth=DATE_OF_BIRTH)
    assert [row[0] for row in rows(operators_desk, REQUESTS, q=" jo.typo@NHS.net")] == [reference]
    assert rows(operators_desk, REQUESTS, q="jo.typo@nhs") == []


# The whole ------------------------------------------------------------------------------------------------------------


def test_the_start_page_lists_what_an_operator_does(operators_desk: PortalClient) -> None:
    page = BeautifulSoup(operators_desk.get("/admin/").content, "html.parser")
    listed = [link.get_text() for link in page.select("#content-main th a")]
    assert listed == [
        "Excuses from the second step",
        "Organisations",
        "Outbox messages",
        "Parts that are switched off",
        "People",
        "Recovery requests",
        "Security events",
        "Applications",
        "Notices",
    ]


def test_the_start_page_lists_what_an_agent_does() -> None:
    page = BeautifulSoup(at_work(make_agent()).get("/admin/").content, "html.parser")
    listed = [link.get_text() for link in page.select("#content-main th a")]
    assert listed == [
        *("Excuses from the second step", "Organisations", "People", "Recovery requests", "Security events"),
        *("Applications", "Notices"),
    ]


def test_logging_out_of_the_admin_is_logging_out_of_the_portal(operators_desk: PortalClient) -> None:
    form = BeautifulSoup(operators_desk.get("/admin/").content, "html.parser").select_one("#logout-form")
    assert form is not None
    assert form["action"] == "/log-out/"
    operators_desk.post("/log-out/")
    assert operators_desk.get("/admin/").status_code == 302
    assert SecurityEvent.objects.filter(event=Event.LOGGED_OUT).exists()


def test_every_page_warns_before_the_session_ends(operators_desk: PortalClient) -> None:
    for address in ("/admin/", EVENTS, "/admin/accounts/user/add/"):
        page = BeautifulSoup(operators_desk.get(address).content, "html.parser")
        assert page.select_one("dialog#session-warning") is not None, address
        assert page.select_one("script[src*=session-warning]") is not None, address
        assert page.select_one("script[src*=restored-page]") is not None, address
