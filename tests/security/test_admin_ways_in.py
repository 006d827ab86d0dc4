"""Threat: an agent gives themselves, or a person whose record they may not change, a way in.

A Care Identity at level 3 counts as both steps, so an agent who links their own to an operator's record is an operator.
"""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import CareIdentity, OutboxMessage, SecurityEvent, User
from accounts.models.security_event import Event
from accounts.services import care_identities, internet_access
from people.services import care_identity_links
from tests.support.factories import make_organisation, make_user
from tests.support.helpdesk import PEOPLE, at_work, form_of, make_agent, make_operator, page_of
from tests.support.steps import PortalClient

pytestmark = pytest.mark.django_db

UID, OTHER = "555000000101", "555000000202"
NUMBER = "care_identity_number"
OF_WAYS_IN = {
    Event.CARE_IDENTITY_LINKED,
    Event.CARE_IDENTITY_UNLINKED,
    Event.INTERNET_ACCESS_GRANTED,
    Event.INTERNET_ACCESS_WITHDRAWN,
}


def nothing_happened() -> bool:
    return not (
        CareIdentity.objects.exists()
        or OutboxMessage.objects.exists()
        or SecurityEvent.objects.filter(event__in=OF_WAYS_IN).exists()
    )


@pytest.mark.parametrize("maker", [make_agent, make_operator])
def test_an_agent_links_no_card_to_a_colleague_with_rights(desk: PortalClient, maker: Any) -> None:
    colleague = maker()
    assert f'name="{NUMBER}"' not in desk.get(page_of(colleague)).content.decode()
    assert desk.post(page_of(colleague), form_of(colleague, **{NUMBER: UID})).status_code == 403
    assert nothing_happened()


def test_an_agent_links_no_card_to_their_own_record(desk: PortalClient, agent: User) -> None:
    assert desk.post(page_of(agent), form_of(agent, **{NUMBER: UID})).status_code == 403
    assert nothing_happened()


def test_an_agent_links_no_card_to_somebody_elsewhere(desk: PortalClient) -> None:
    stranger = make_user(organisation=make_organisation(code="111", name="Southern"))
    assert desk.post(page_of(stranger), form_of(stranger, **{NUMBER: UID})).status_code in {302, 404}
    assert nothing_happened()


def test_an_agent_takes_no_card_from_a_colleague_with_rights(desk: PortalClient) -> None:
    operator = make_operator()
    care_identity_links.link(user=operator, uid=UID, by=None)
    assert desk.post(page_of(operator), form_of(operator, **{NUMBER: ""})).status_code == 403
    assert care_identities.is_linked(user=operator, uid=UID)


def test_an_agent_sees_how_a_colleague_gets_in_and_has_no_button_for_it(desk: PortalClient) -> None:
    operator = make_operator()
    care_identity_links.link(user=operator, uid=UID, by=None)
    page = desk.get(page_of(operator)).content.decode()
    assert f"{UID}, linked on " in page
    assert "internet_access/" not in page


@pytest.mark.parametrize("button", ["give_internet_access", "withdraw_internet_access"])
def test_an_agent_presses_no_button_for_whom_they_may_not_change(desk: PortalClient, agent: User, button: str) -> None:
    elsewhere = make_organisation(code="111", name="Southern")
    for person, status in ((agent, 403), (make_operator(), 403), (make_user(organisation=elsewhere), 404)):
        assert desk.post(f"{PEOPLE}{person.pk}/{button}/").status_code == status
        person.refresh_from_db()
        assert internet_access.status(user=person) is internet_access.Status.NOT_REQUESTED
    assert desk.post(f"{PEOPLE}999999999/{button}/").status_code == 404
    assert nothing_happened()


@pytest.mark.parametrize("button", ["give_internet_access", "withdraw_internet_access"])
def test_nobody_but_the_helpdesk_presses_a_button(client: PortalClient, button: str) -> None:
    person = make_user()
    assert client.post(f"{PEOPLE}{person.pk}/{button}/").status_code == 302
    assert nothing_happened()


def test_a_button_is_pressed_on_our_own_page_alone(agent: User) -> None:
    """Threat: another site sends the form with the session of an agent (CSRF)."""
    desk = at_work(agent)
    desk.handler.enforce_csrf_checks = True
    assert desk.post(f"{PEOPLE}{make_user().pk}/give_internet_access/").status_code == 403
    assert nothing_happened()


@pytest.mark.parametrize(
    "lookup",
    ["care_identity__uid", "care_identity__uid__startswith", "care_identity__linked_at", "internet_access_since"],
)
def test_people_cannot_be_filtered_by_a_part_of_a_number(desk: PortalClient, lookup: str) -> None:
    assert desk.get(PEOPLE, {lookup: "5"}).status_code == 400


@pytest.mark.parametrize("query", [{"trusted_networks__network": "10"}, {"people__care_identity__uid": UID}])
def test_organisations_cannot_be_filtered_by_them_either(desk: PortalClient, query: dict[str, str]) -> None:
    assert desk.get("/admin/accounts/organisation/", query).status_code == 400
