"""Threat: an agent of one organisation sees or changes the people of another (OWASP ASVS 8.4.1)."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType

from accounts.models import Organisation, OutboxMessage, SecurityEvent, User
from accounts.models.security_event import Event
from accounts.services import events, lockout, recovery
from hub.models import Application
from people.services import people, rights
from tests.support.factories import make_organisation, make_user
from tests.support.helpdesk import PEOPLE, form_of, make_agent, page_of
from tests.support.steps import PortalClient

pytestmark = pytest.mark.django_db

NEW = {
    "given_name": "Eve",
    "family_name": "Elsewhere",
    "email": "eve@nhs.net",
    "new_date_of_birth": "15/3/1984",
    "employee_number": "20000001",
    "person_type": "volunteer",
}


@pytest.fixture
def elsewhere() -> Organisation:
    return make_organisation(code="111", name="Southern Elsewhere", domain="south.nhs.uk")


@pytest.fixture
def stranger(elsewhere: Organisation) -> User:
    return make_user(
        username="111STRANGE01", family_name="Strange", email="strange@south.nhs.uk", organisation=elsewhere
    )


def rows(client: PortalClient, address: str, query: dict[str, str]) -> str:
    """Return what the rows of a list say; the search box repeats what was typed."""
    response = client.get(address, query)
    assert response.status_code == 200
    listed = BeautifulSoup(response.content, "html.parser").select_one("#result_list")
    return listed.get_text(" ") if listed else ""


@pytest.mark.parametrize("query", [{}, {"q": "111STRANGE01"}, {"q": "Strange"}, {"q": "strange@south.nhs.uk"}])
def test_the_list_has_nobody_of_another_organisation(desk: PortalClient, stranger: User, query: dict[str, str]) -> None:
    assert stranger.username not in rows(desk, PEOPLE, query)


def test_nor_do_the_filters_find_them(desk: PortalClient, stranger: User) -> None:
    for _ in range(lockout.LIMIT):
        lockout.record_failure(username=stranger.username)
    events.record(event=Event.LOCKED, user_id=stranger.pk)
    assert stranger.username not in rows(desk, PEOPLE, {"locked": "now"})
    for query in ({"organisation": str(stranger.organisation_id)}, {"rights": "helpdesk"}):
        assert desk.get(PEOPLE, query).status_code == 400
    assert b"Southern Elsewhere" not in desk.get(PEOPLE).content


@pytest.mark.parametrize("page", ["change/", "history/", "delete/", "unlock/", "send_recovery_email/"])
def test_the_pages_of_somebody_elsewhere_are_not_there(desk: PortalClient, stranger: User, page: str) -> None:
    missing = desk.get(f"{PEOPLE}99999999/{page}")
    response = desk.get(f"{PEOPLE}{stranger.pk}/{page}")
    assert (response.status_code, response.content[:200]) == (missing.status_code, missing.content[:200])
    assert response.status_code in {403, 404, 405}
    assert stranger.username.encode() not in response.content


def test_what_is_posted_for_somebody_elsewhere_is_not_done(desk: PortalClient, stranger: User) -> None:
    for _ in range(lockout.LIMIT):
        lockout.record_failure(username=stranger.username)
    assert desk.post(page_of(stranger), form_of(stranger, is_active=False)).status_code == 404
    assert desk.post(f"{PEOPLE}{stranger.pk}/unlock/").status_code == 404
    assert desk.post(f"{PEOPLE}{stranger.pk}/send_recovery_email/").status_code == 404
    for action in ("unlock", "send_recovery_email", "delete_selected"):
        desk.post(PEOPLE, {"action": action, "_selected_action": [stranger.pk]})
        desk.post(PEOPLE, {"action": action, "_selected_action": [stranger.pk], "select_across": "1"})
    stranger.refresh_from_db()
    assert stranger.is_active
    assert lockout.is_locked(username=stranger.username)
    assert not any(stranger.pk in row.about["users"] for row in OutboxMessage.objects.all())
    assert not SecurityEvent.objects.filter(user=stranger).exists()


def test_nobody_is_added_to_another_organisation(desk: PortalClient, agent: User, elsewhere: Organisation) -> None:
    form = desk.get(f"{PEOPLE}add/").content.decode()
    assert "Southern Elsewhere" not in form
    response = desk.post(f"{PEOPLE}add/", {**NEW, "organisation": elsewhere.pk})
    assert "organisation" in response.context["adminform"].form.errors
    assert not User.objects.filter(family_name="Elsewhere").exists()


def test_nobody_is_moved_to_another_organisation(desk: PortalClient, agent: User, elsewhere: Organisation) -> None:
    person = make_user()
    desk.post(page_of(person), form_of(person, organisation=elsewhere.pk, family_name="Moved"))
    desk.post(page_of(agent), form_of(agent, organisation=elsewhere.pk))
    person.refresh_from_db()
    agent.refresh_from_db()
    assert person.family_name == "Moved"
    assert {person.organisation.code, agent.organisation.code} == {"999"}


def test_an_agent_reads_their_own_organisation_and_no_other(
    desk: PortalClient, agent: User, elsewhere: Organisation
) -> None:
    page = desk.get("/admin/accounts/organisation/").content
    assert b"Northern Test Hospitals" in page
    assert b"Southern Elsewhere" not in page
    own = f"/admin/accounts/organisation/{agent.organisation_id}/change/"
    assert desk.get(own).status_code == 200
    assert desk.get(f"/admin/accounts/organisation/{elsewhere.pk}/change/").status_code == 404


def test_an_agent_does_not_change_an_organisation_nor_its_email_domains(desk: PortalClient, agent: User) -> None:
    """Threat: an agent adds a domain of their own, then an address there, then recovers."""
    own = agent.organisation
    inline = {
        "email_domains-TOTAL_FORMS": "1",
        "email_domains-INITIAL_FORMS": "0",
        "email_domains-0-domain": "evil.example",
    }
    typed = {"name": "Evil", "support_email": "evil@evil.example", **inline}
    assert desk.post(f"/admin/accounts/organisation/{own.pk}/change/", typed).status_code == 403
    assert desk.post("/admin/accounts/organisation/add/", {"code": "666", **typed}).status_code == 403
    own.refresh_from_db()
    assert own.name == "Northern Test Hospitals"
    assert set(own.email_domains.values_list("domain", flat=True)) == {"nhs.net"}


def test_the_events_are_those_about_ones_own_people(desk: PortalClient, stranger: User) -> None:
    own = make_user()
    events.record(event=Event.LOG_IN_FAILED, user_id=own.pk)
    events.record(event=Event.LOG_IN_FAILED, user_id=stranger.pk)
    events.record(event=Event.LOG_IN_FAILED, user_id=None, reason="unknown_username")
    for query in (
        {},
        {"q": stranger.username},
        {"user__id__exact": str(stranger.pk)},
        {"event__exact": "log_in_failed"},
    ):
        listed = rows(desk, "/admin/accounts/securityevent/", query)
        assert stranger.username not in listed
        assert "unknown_username" not in listed
    assert own.username.encode() in desk.get("/admin/accounts/securityevent/").content
    theirs = SecurityEvent.objects.get(user=stranger)
    assert desk.get(f"/admin/accounts/securityevent/{theirs.pk}/change/").status_code == 404


def test_recovery_requests_are_those_for_ones_own_people_and_those_whose_reference_is_told(
    desk: PortalClient, stranger: User
) -> None:
    own = make_user()
    theirs, ours, nobodys = (
        recovery.ask(email=email, date_of_birth=datetime.date(1980, 4, 23))
        for email in (stranger.email, own.email, "nobody@example.org")
    )
    for row in OutboxMessage.objects.filter(kind="decide_recovery"):
        recovery.decide(request_id=row.about["request"])

    def found(**query: str) -> set[str]:
        page = desk.get("/admin/accounts/recoveryrequest/", query).content.decode()
        return {reference for reference in (theirs, ours, nobodys) if f"{reference}</td>" in page}

    assert found() == {ours}
    assert found(q=own.email.upper()) == {ours}
    assert found(q=stranger.email) == found(q="nobody@example.org") == set()
    assert found(q=nobodys) == {nobodys}
    assert found(q=theirs.lower().replace("-", " ")) == {theirs}
    assert found(q=theirs[:4]) == set()


def test_applications_are_those_of_ones_own_organisation(desk: PortalClient, elsewhere: Organisation) -> None:
    there = Application.objects.create(organisation=elsewhere, name="Their rota", address="https://rota.example")
    page = f"/admin/hub/application/{there.pk}/"
    assert b"Their rota" not in desk.get("/admin/hub/application/").content
    assert {desk.get(page + p).status_code for p in ("change/", "history/", "delete/")} == {404}
    assert desk.post(page + "delete/", {"post": "yes"}).status_code == 404
    typed: dict[str, Any] = {"name": "Ours", "address": "https://ours.example", "position": 0}
    assert desk.post("/admin/hub/application/add/", {**typed, "organisation": elsewhere.pk}).status_code == 200
    assert list(Application.objects.values_list("name", flat=True)) == ["Their rota"]
    own = make_organisation()
    assert desk.post("/admin/hub/application/add/", {**typed, "organisation": own.pk}).status_code == 302
    ours = Application.objects.get(name="Ours")
    moved = desk.post(f"/admin/hub/application/{ours.pk}/change/", {**typed, "organisation": elsewhere.pk})
    assert moved.status_code == 200
    ours.refresh_from_db()
    assert ours.organisation == own


def test_autocompletion_finds_nobody_elsewhere(desk: PortalClient, stranger: User) -> None:
    for app, model, field in (
        ("accounts", "securityevent", "user"),
        ("accounts", "recoverylink", "user"),
        ("accounts", "user", "organisation"),
        ("hub", "application", "organisation"),
    ):
        query = {"app_label": app, "model_name": model, "field_name": field, "term": ""}
        response = desk.get("/admin/autocomplete/", query)
        assert b"111STRANGE01" not in response.content
        assert b"Southern Elsewhere" not in response.content


def test_the_start_page_shows_ones_own_doings_alone(desk: PortalClient, stranger: User) -> None:
    other = make_agent(organisation=stranger.organisation, username="111AGENT01")
    LogEntry.objects.create(
        user=other,
        content_type=ContentType.objects.get_for_model(User),
        object_id=str(stranger.pk),
        object_repr=stranger.username,
        action_flag=CHANGE,
    )
    assert stranger.username.encode() not in desk.get("/admin/").content


def test_the_service_itself_refuses_what_the_pages_do_not_offer(agent: User, stranger: User) -> None:
    stranger.family_name = "Changed"
    with pytest.raises(rights.NotAllowed):
        people.change(person=stranger, by=agent)
    new = User(organisation=stranger.organisation, given_name="A", family_name="B", email="a@b.example")
    with pytest.raises(rights.NotAllowed):
        people.add(person=new, by=agent)
