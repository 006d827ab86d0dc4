"""Threat: an agent gives themselves more rights, or borrows an operator's (OWASP ASVS 8.4.1)."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission

from accounts.models import OutboxMessage, SecurityEvent, Session, User
from accounts.models.role import Role
from accounts.models.security_event import Event
from hub.models import Notice
from people.services import people, rights
from tests.support.factories import make_user
from tests.support.helpdesk import PEOPLE, at_work, form_of, make_agent, make_operator, page_of
from tests.support.steps import PortalClient, come_in

pytestmark = pytest.mark.django_db


def rights_of(user: User) -> tuple[bool, bool]:
    user.refresh_from_db()
    return user.is_staff, user.is_superuser


def test_an_agent_gives_nobody_rights(desk: PortalClient) -> None:
    person = make_user()
    page = desk.get(page_of(person)).content
    for field in (b'name="role"', b'name="is_staff"', b'name="is_superuser"'):
        assert field not in page
    more = {"role": "lead", "is_staff": "on", "is_superuser": "on", "groups": ["1"], "user_permissions": ["1"]}
    sent = form_of(person, **more, family_name="X")
    assert desk.post(page_of(person), sent).status_code == 302
    assert rights_of(person) == (False, False)
    assert person.family_name == "X"


def test_an_agent_adds_nobody_with_rights(desk: PortalClient, agent: User) -> None:
    sent = form_of(
        make_user(),
        organisation=agent.organisation_id,
        employee_number="20000001",
        new_date_of_birth="1/1/1980",
        role="lead",
        is_staff="on",
        is_superuser="on",
    )
    assert desk.post(f"{PEOPLE}add/", sent).status_code == 302
    assert rights_of(User.objects.get(employee_number="20000001")) == (False, False)


@pytest.mark.parametrize(
    "typed",
    [
        {"role": "national_admin"},
        {"email": "mine@nhs.net"},
        {"ends_on": ""},
        {"family_name": "Changed"},
        {"new_date_of_birth": "1/1/1980"},
        {"person_type": "volunteer"},
    ],
)
def test_an_agent_does_not_change_their_own_record(typed: dict[str, str]) -> None:
    agent = make_agent(ends_on=datetime.date(2999, 1, 1))
    desk = at_work(agent)
    before = User.objects.filter(pk=agent.pk).values().get()
    assert desk.get(page_of(agent)).status_code == 200
    assert desk.post(page_of(agent), form_of(agent, **typed)).status_code == 403
    after = User.objects.filter(pk=agent.pk).values().get()
    assert after == before


@pytest.mark.parametrize("maker", [make_agent, make_operator])
def test_an_agent_does_not_change_the_record_of_a_colleague_with_rights(desk: PortalClient, maker: Any) -> None:
    """Threat: an agent puts their own address on an operator's record, and recovers."""
    colleague = maker()
    email = colleague.email
    assert desk.get(page_of(colleague)).status_code == 200
    assert b'name="email"' not in desk.get(page_of(colleague)).content
    assert desk.post(page_of(colleague), form_of(colleague, email="mine@nhs.net")).status_code == 403
    colleague.refresh_from_db()
    assert colleague.email == email


def test_an_agent_may_have_a_colleagues_mail_sent_to_the_colleague(desk: PortalClient) -> None:
    colleague = make_agent()
    desk.post(f"{PEOPLE}{colleague.pk}/send_recovery_email/")
    assert OutboxMessage.objects.get().about["users"] == [colleague.pk]


def test_an_operator_gives_and_takes_rights_and_it_is_written_down(client: PortalClient) -> None:
    operator, person = make_operator(), make_user()
    come_in(client, person)
    desk = at_work(operator)
    assert desk.post(page_of(person), form_of(person, role="agent")).status_code == 302
    assert rights_of(person) == (True, False)
    assert not Session.objects.filter(user_id=person.pk).exists()
    assert desk.post(page_of(person), form_of(person, role="lead")).status_code == 302
    assert desk.post(page_of(person), form_of(person, role="")).status_code == 302
    assert rights_of(person) == (False, False)
    written = SecurityEvent.objects.filter(user=person, event__in=[Event.ROLE_GIVEN, Event.ROLE_TAKEN_AWAY])
    assert list(written.order_by("pk").values_list("event", "reason", "by")) == [
        ("role_given", "agent", operator.pk),
        ("role_given", "agent_to_lead", operator.pk),
        ("role_taken_away", "lead", operator.pk),
    ]
    assert OutboxMessage.objects.filter(kind="role_changed").count() == 3


def test_no_role_is_typed_that_there_is_not() -> None:
    person = make_user()
    response = at_work(make_operator()).post(page_of(person), form_of(person, role="owner"))
    assert response.status_code == 200
    assert b"Error: " in response.content
    assert rights_of(person) == (False, False)


@pytest.mark.parametrize(
    "typed",
    [{"role": ""}, {"role": "agent"}, {"is_active": False}, {"ends_on": "1/1/2020"}, {"family_name": "Changed"}],
)
def test_nobody_changes_their_own_rights_nor_until_when_they_have_them(typed: dict[str, Any]) -> None:
    operator = make_operator(starts_on=datetime.date(2020, 1, 1), ends_on=datetime.date(2999, 1, 1))
    desk = at_work(operator)
    before = User.objects.filter(pk=operator.pk).values().get()
    assert desk.post(page_of(operator), form_of(operator, **typed)).status_code == 403
    assert User.objects.filter(pk=operator.pk).values().get() == before


def test_permissions_and_groups_of_django_give_no_rights_here(client: PortalClient) -> None:
    person = make_user()
    group = Group.objects.create(name="everything")
    group.permissions.set(Permission.objects.all())
    person.groups.add(group)
    person.user_permissions.set(Permission.objects.all())
    come_in(client, person)
    assert client.get("/admin/").status_code == 403


def test_nor_do_they_give_an_agent_more(agent: User) -> None:
    agent.user_permissions.set(Permission.objects.all())
    desk = at_work(agent)
    person = make_user()
    assert desk.get("/admin/accounts/outboxmessage/").status_code == 403
    assert desk.get(f"{PEOPLE}{person.pk}/delete/").status_code == 403
    assert desk.get("/admin/accounts/organisation/add/").status_code == 403


def test_an_agent_without_any_permission_of_django_can_work(desk: PortalClient) -> None:
    assert desk.get(page_of(make_user())).status_code == 200


@pytest.mark.parametrize("maker", [make_agent, make_operator])
def test_nobody_deletes_people_events_requests_or_mails(maker: Any) -> None:
    desk = at_work(maker())
    person = make_user()
    event = SecurityEvent.objects.filter(user__isnull=False).latest("pk")
    assert desk.post(f"{PEOPLE}{person.pk}/delete/", {"post": "yes"}).status_code == 403
    desk.post(PEOPLE, {"action": "delete_selected", "_selected_action": [person.pk], "post": "yes"})
    assert desk.post(f"/admin/accounts/securityevent/{event.pk}/delete/", {"post": "yes"}).status_code == 403
    own = f"/admin/accounts/organisation/{person.organisation_id}/delete/"
    assert desk.post(own, {"post": "yes"}).status_code == 403
    assert User.objects.filter(pk=person.pk).exists()
    assert SecurityEvent.objects.filter(pk=event.pk).exists()


@pytest.mark.parametrize("page", ["securityevent", "outboxmessage", "recoveryrequest"])
def test_not_even_an_operator_writes_what_the_portal_writes(page: str) -> None:
    desk = at_work(make_operator())
    assert desk.get(f"/admin/accounts/{page}/add/").status_code == 403
    assert desk.post(f"/admin/accounts/{page}/add/", {}).status_code == 403
    if page == "securityevent":
        event = SecurityEvent.objects.latest("pk")
        changed = desk.post(f"/admin/accounts/securityevent/{event.pk}/change/", {"reason": "forged"})
        assert changed.status_code == 403


def test_notices_for_all_visitors_are_the_operators_to_write_and_everybodys_to_read(desk: PortalClient) -> None:
    notice = Notice.objects.create(title="Planned downtime", text="Tonight.")
    for reader in (desk, at_work(make_user(role=Role.ORGANISATION_ADMIN))):
        assert b"Planned downtime" in reader.get("/admin/hub/notice/").content
        assert reader.post(f"/admin/hub/notice/{notice.pk}/change/", {"title": "Forged"}).status_code == 403
        assert reader.post(f"/admin/hub/notice/{notice.pk}/delete/", {"post": "yes"}).status_code == 403
    assert desk.post("/admin/hub/notice/add/", {"title": "Forged"}).status_code == 403
    operator = at_work(make_operator())
    assert operator.post(f"/admin/hub/notice/{notice.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not Notice.objects.exists()


def test_the_service_itself_refuses_rights_from_an_agent(agent: User) -> None:
    person = make_user()
    person.role = Role.AGENT
    with pytest.raises(rights.NotAllowed):
        people.change(person=person, by=agent)
    assert rights_of(person) == (False, False)


def test_the_service_itself_refuses_ones_own_rights() -> None:
    operator = make_operator()
    operator.ends_on = datetime.date(2999, 1, 1)
    with pytest.raises(rights.NotAllowed):
        people.change(person=operator, by=operator)
