"""Threat: open the admin without the right to, or without a second step."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.models import OutboxMessage, SecurityEvent, User
from accounts.models.role import NO_ROLE
from accounts.models.security_event import Event
from accounts.services import lockout, second_step, sessions
from tests.support.authenticator import PhoneApp
from tests.support.factories import PASSWORD, make_user
from tests.support.helpdesk import PEOPLE, at_work, form_of, make_agent, make_operator, page_of
from tests.support.steps import PortalClient, come_in, log_in, send

pytestmark = pytest.mark.django_db


def addresses() -> list[str]:
    """Return an address for every pattern of the admin."""
    fill = {"object_id": "1", "key": 1, "app_label": "accounts"}

    def walk(patterns: list[Any], before: str) -> list[str]:
        found: list[str] = []
        for pattern in patterns:
            route = str(pattern.pattern).replace("(?P<url>.*)$", "nowhere/")
            for name, value in fill.items():
                for kind in (f"<path:{name}>", f"<int:{name}>", f"<{name}>"):
                    route = route.replace(kind, str(value))
            if route.startswith("^(?P<app_label>"):
                route = "accounts/"
            if isinstance(pattern, URLResolver):
                found += walk(pattern.url_patterns, before + route)
            elif isinstance(pattern, URLPattern):
                found.append(before + route)
        return found

    site = next(r for r in get_resolver().url_patterns if isinstance(r, URLResolver) and r.namespace == "admin")
    return walk(site.url_patterns, "/admin/")


def half_admin_session(client: PortalClient, user: User) -> None:
    """Put a logged-in session into a browser that no log-in could make: helpdesk, without a second step."""
    session = client.session
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "accounts.backends.PasswordBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    sessions.begin(session=session, log_in_event=0)
    session.save()


def test_the_list_of_addresses_is_the_whole_admin() -> None:
    found = addresses()
    assert len(found) > 40
    assert {"/admin/", "/admin/jsi18n/", "/admin/autocomplete/", f"{PEOPLE}1/unlock/", "/admin/nowhere/"} <= set(found)


def test_a_visitor_is_sent_to_log_in_from_every_address(client: PortalClient) -> None:
    for address in addresses():
        for response in (client.get(address), client.post(address, {"action": "unlock", "_selected_action": ["1"]})):
            assert response.status_code == 302, address
            assert response["Location"].startswith("/log-in/?next=/admin/"), address


def test_a_person_without_rights_is_refused_at_every_address(client: PortalClient) -> None:
    person = make_user()
    come_in(client, person)
    for address in addresses():
        for response in (client.get(address), client.post(address)):
            assert response.status_code == 403, address
            assert b"You cannot open the helpdesk pages" in response.content


def test_the_helpdesk_without_a_second_step_is_refused_at_every_address(client: PortalClient) -> None:
    agent = make_operator()
    half_admin_session(client, agent)
    assert client.get("/my-esr/").status_code == 200
    for address in addresses():
        for response in (client.get(address), client.post(address)):
            assert response.status_code == 403, address
            assert b"This session began without a second step" in response.content


def test_a_second_step_of_somebody_else_on_the_session_does_not_open_the_admin(client: PortalClient) -> None:
    agent, other = make_agent(), make_agent()
    PhoneApp.of(other)
    half_admin_session(client, agent)
    session = client.session
    device = other.totpdevice_set.get()
    session["otp_device_id"] = device.persistent_id
    session.save()
    assert client.get("/admin/").status_code == 403


def test_a_half_finished_log_in_opens_nothing(client: PortalClient) -> None:
    agent = make_agent()
    PhoneApp.of(agent)
    log_in(client, agent)
    assert client.get("/admin/")["Location"] == "/log-in/?next=/admin/"


def test_what_somebody_without_rights_posts_is_not_done(client: PortalClient) -> None:
    victim, person = make_user(), make_user()
    for _ in range(lockout.LIMIT):
        lockout.record_failure(username=victim.username)
    come_in(client, person)
    client.post(f"{PEOPLE}{victim.pk}/unlock/")
    client.post(f"{PEOPLE}{victim.pk}/send_recovery_email/")
    client.post(page_of(victim), form_of(victim, is_active=False))
    victim.refresh_from_db()
    assert victim.is_active
    assert lockout.is_locked(username=victim.username)
    assert not OutboxMessage.objects.exists()


@pytest.mark.parametrize("facts", [{"is_active": False}, {"ends_on": "2020-01-01"}, {"starts_on": "2999-01-01"}])
def test_an_agent_who_is_no_longer_in_force_is_out_at_the_next_click(facts: dict[str, Any]) -> None:
    agent = make_agent()
    desk = at_work(agent)
    assert desk.get("/admin/").status_code == 200
    User.objects.filter(pk=agent.pk).update(**facts)
    assert desk.get("/admin/").status_code == 302


def test_an_agent_whose_rights_are_withdrawn_is_out_at_the_next_click() -> None:
    agent = make_agent()
    desk = at_work(agent)
    User.objects.filter(pk=agent.pk).update(role=NO_ROLE)
    assert desk.get("/admin/").status_code == 403


def test_an_agent_whose_second_step_is_taken_away_is_out_at_the_next_click() -> None:
    agent = make_agent()
    desk = at_work(agent)
    second_step.remove(user=agent, by=None)
    assert desk.get("/admin/").status_code == 302


def test_an_agent_who_must_change_the_password_does_that_first() -> None:
    agent = make_agent()
    desk = at_work(agent)
    User.objects.filter(pk=agent.pk).update(must_change_password=True)
    assert desk.get("/admin/")["Location"] == "/change-password/"


def test_the_admin_has_no_log_in_of_its_own(client: PortalClient) -> None:
    agent = make_agent()
    assert client.get("/admin/login/")["Location"] == "/log-in/?next=/admin/"
    sent = {"username": agent.username, "password": PASSWORD, "next": "/admin/"}
    assert client.post("/admin/login/", sent)["Location"] == "/log-in/?next=/admin/"
    assert not SecurityEvent.objects.filter(event=Event.LOGGED_IN).exists()


def test_a_log_in_that_began_at_an_admin_page_leads_back_to_it(client: PortalClient) -> None:
    agent = make_agent()
    app = PhoneApp.of(agent)
    asked = client.get(f"{PEOPLE}?q=smith")["Location"]
    assert asked == "/log-in/?next=/admin/accounts/user/%3Fq%3Dsmith"
    page = client.get(asked).content.decode()
    assert 'value="/admin/accounts/user/?q=smith"' in page
    sent = {"username": agent.username, "password": PASSWORD, "next": f"{PEOPLE}?q=smith"}
    client.post("/log-in/", sent)
    assert send(client, "/log-in/second-step/", {"code": app.code()})["Location"] == f"{PEOPLE}?q=smith"


def test_a_person_without_rights_who_logs_in_towards_the_admin_meets_no_loop(client: PortalClient) -> None:
    person = make_user()
    sent = {"username": person.username, "password": PASSWORD, "next": "/admin/"}
    assert client.post("/log-in/", sent)["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 403
    assert client.get("/admin/login/").status_code == 403


@pytest.mark.parametrize("page", ["logout/", "password_change/", "password_change/done/", "r/1/1/", "doc/"])
def test_pages_of_the_stock_admin_that_the_portal_has_itself_are_gone(page: str) -> None:
    assert at_work(make_operator()).get(f"/admin/{page}").status_code == 404


def test_only_our_own_pages_are_registered() -> None:
    """Threat: a library registers a page that shows its secrets, as django-otp does."""
    assert {model._meta.label for model in admin.site._registry} == {
        "accounts.Organisation",
        "accounts.OutboxMessage",
        "accounts.RecoveryRequest",
        "accounts.SecondStepExcuse",
        "accounts.SecurityEvent",
        "accounts.SwitchedOff",
        "accounts.User",
        "hub.Application",
        "hub.Notice",
    }
    assert {type(page).__module__.partition(".")[0] for page in admin.site._registry.values()} == {"helpdesk"}


def test_a_form_from_elsewhere_is_refused() -> None:
    """Threat: another site has an agent's browser press the button (CSRF)."""
    person = make_user()
    agent = make_agent()
    desk = at_work(agent)
    desk.handler.enforce_csrf_checks = True
    assert desk.post(f"{PEOPLE}{person.pk}/send_recovery_email/").status_code == 403
    assert not OutboxMessage.objects.exists()


def test_no_page_of_the_admin_is_kept_by_a_browser_or_framed() -> None:
    person = make_user()
    desk = at_work(make_operator())
    for address in ("/admin/", PEOPLE, page_of(person), f"{PEOPLE}999999/change/", "/admin/jsi18n/"):
        response = desk.get(address)
        assert "no-store" in response["Cache-Control"], address
        assert "frame-ancestors 'none'" in response["Content-Security-Policy"]


def test_a_session_at_the_helpdesk_ends_after_ten_idle_minutes(travel: Any) -> None:
    desk = at_work(make_agent())
    travel(minutes=10, seconds=5)
    assert desk.get("/admin/").status_code == 302
