"""An operator asks that a person who has left is erased, and a second agent agrees or refuses."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.utils import timezone

from accounts.models import ErasedPerson, OutboxMessage, Proposal, SecurityEvent, User
from accounts.models.proposal import Action, State
from accounts.models.role import Role
from accounts.models.security_event import Event
from helpdesk import asked_for
from helpdesk.services import proposals
from people.services import rights
from tests.support import erasing as canary
from tests.support.factories import make_user
from tests.support.helpdesk import at_work, make_agent, make_lead, make_operator, text
from tests.support.steps import PortalClient, send

pytestmark = pytest.mark.django_db

REASON = "They asked for it in a letter of 3 March"
QUEUE = "/admin/desk/second-agent/"


def make_leaver(**facts: Any) -> User:
    return make_user(**{"ends_on": timezone.localdate() - datetime.timedelta(days=10), **facts})


def page_of(person: User) -> str:
    return f"/admin/desk/people/{person.pk}/erase/"


def ask(person: User, *, by: User | None = None, reason: str = REASON) -> Proposal:
    return proposals.ask(person=person, action=Action.ERASE, by=by or make_operator(), reason=reason)


def said(client: PortalClient, address: str) -> str:
    page = BeautifulSoup(client.get(address).content, "html.parser")
    return " ".join(page.get_text(" ").split())


def test_it_waits_for_a_second_agent_who_reads_the_reason_and_then_it_is_done() -> None:
    person, operator, lead = canary.make_canary(), make_operator(), make_lead()
    Proposal.objects.all().delete()
    asked = send(at_work(operator), page_of(person), {"reason": REASON})
    proposal = Proposal.objects.get()
    assert asked.headers["Location"] == f"{QUEUE}{proposal.pk}/"
    assert (proposal.state, proposal.action) == (State.WAITING, "erase")
    assert User.objects.filter(pk=person.pk).exists()
    desk = at_work(lead)
    page = text(desk, f"{QUEUE}{proposal.pk}/")
    assert REASON in page
    assert "Nothing brings the person back" in page
    agreed = send(desk, f"{QUEUE}{proposal.pk}/agree/", {"about": _about(desk, proposal)})
    assert agreed.headers["Location"] == QUEUE
    assert "You agreed, and it is done." in said(desk, QUEUE)
    assert canary.found(*canary.CANARIES) == set()
    assert ErasedPerson.objects.get().why == "order"
    assert not OutboxMessage.objects.filter(about__users=[person.pk]).exists()


def _about(desk: PortalClient, proposal: Proposal) -> str:
    page = BeautifulSoup(desk.get(f"{QUEUE}{proposal.pk}/").content, "html.parser")
    box = page.select_one('input[name="about"]')
    assert box is not None
    return str(box["value"])


def test_the_events_say_who_asked_and_why_and_who_agreed() -> None:
    person, operator, lead = make_leaver(), make_operator(), make_lead()
    proposal = ask(person, by=operator)
    proposals.approve(proposal=proposal, by=lead, decision=f"I know {person.family_name}")
    told = SecurityEvent.objects.filter(user_id=person.pk).order_by("pk").values_list("event", "by", "note")
    assert list(told) == [
        ("second_agent_asked", operator.pk, REASON),
        ("second_agent_agreed", lead.pk, None),
        ("person_erased", operator.pk, REASON),
    ]
    assert not Proposal.objects.exists()


def test_nobody_alone_and_no_agent_asks_for_it() -> None:
    """Threat: an agent hides what they did to a person by having the person erased."""
    person, operator = make_leaver(), make_operator()
    for by in (make_agent(), make_lead(), make_user(role=Role.ORGANISATION_ADMIN), make_user(role=Role.AUDITOR)):
        with pytest.raises(rights.NotAllowed):
            ask(person, by=by)
    proposal = ask(person, by=operator)
    for by in (operator, make_agent()):
        with pytest.raises(rights.NotAllowed):
            proposals.approve(proposal=proposal, by=by)
    assert User.objects.filter(pk=person.pk).exists()


def test_an_operator_who_is_none_any_more_has_asked_in_vain() -> None:
    person, operator = make_leaver(), make_operator()
    proposal = ask(person, by=operator)
    operator.role = Role.LEAD
    operator.save()
    with pytest.raises(rights.NotAllowed):
        proposals.approve(proposal=proposal, by=make_lead())
    assert User.objects.filter(pk=person.pk).exists()


def test_refused_it_is_not_done() -> None:
    person = make_leaver()
    proposals.refuse(proposal=ask(person), by=make_lead(), decision="Nobody asked")
    assert User.objects.filter(pk=person.pk).exists()
    assert Proposal.objects.get().state == State.REFUSED


@pytest.mark.parametrize("reason", ["Jo asked", "for 90000011", "About SMITH, who left", "jo.smith@nhs.net wrote"])
def test_a_reason_that_names_the_person_is_refused(reason: str) -> None:
    """It is on an event, which stays for years after the person."""
    person = make_leaver(employee_number="90000011", email="jo.smith@nhs.net")
    with pytest.raises(asked_for.Unusable, match="Do not name"):
        ask(person, reason=reason)
    assert not Proposal.objects.exists()


def test_a_person_in_force_is_refused_with_what_to_do_on_the_page() -> None:
    answer = send(at_work(make_operator()), page_of(make_user()), {"reason": REASON})
    page = BeautifulSoup(answer.content, "html.parser").get_text()
    assert "This person has not left." in page
    assert not Proposal.objects.exists()


def test_a_person_who_came_back_meanwhile_stays_and_the_second_agent_reads_why() -> None:
    person, lead = make_leaver(), make_lead()
    proposal = ask(person)
    person.ends_on = None
    person.save()
    desk = at_work(lead)
    send(desk, f"{QUEUE}{proposal.pk}/agree/", {"about": _about(desk, proposal)})
    assert "This person has not left." in said(desk, f"{QUEUE}{proposal.pk}/")
    assert User.objects.filter(pk=person.pk).exists()
    assert Proposal.objects.get().state == State.WAITING
    assert not SecurityEvent.objects.filter(event=Event.SECOND_AGENT_AGREED).exists()


def test_the_desk_offers_it_to_operators_alone_and_of_leavers_alone() -> None:
    leaver, other = make_leaver(), make_user()
    for agent, offered in ((make_operator(), True), (make_lead(), False)):
        desk = at_work(agent)
        assert (page_of(leaver) in desk.get(f"/admin/desk/people/{leaver.pk}/").content.decode()) is offered
        assert page_of(other) not in desk.get(f"/admin/desk/people/{other.pk}/").content.decode()
