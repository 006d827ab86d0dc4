"""A second agent agrees or refuses, once, about the record as it was, and never about what they asked for."""

from __future__ import annotations

import pytest

from accounts.models import Proposal, SecurityEvent, User
from accounts.models.proposal import Action, State
from accounts.models.security_event import Event
from helpdesk.services import proposals
from people.services import people, rights
from tests.support.factories import make_organisation, make_user
from tests.support.helpdesk import make_agent, make_lead
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db

NEW = "jo.newname@nhs.net"


def ask(person: User, agent: User) -> Proposal:
    return proposals.ask(person=person, action=Action.CHANGE_EMAIL, by=agent, reason="Married", value=NEW)


def email_of(person: User) -> str:
    return User.objects.get(pk=person.pk).email


def test_none_decides_about_what_they_asked_for_or_about_themselves() -> None:
    person, agent = make_user(), make_agent()
    proposal = ask(person, agent)
    for decide in (
        lambda by: proposals.approve(proposal=proposal, by=by),
        lambda by: proposals.refuse(proposal=proposal, by=by, decision="No"),
    ):
        for by in (agent, person, make_lead(organisation=make_organisation(code="111", name="Southern"))):
            with pytest.raises(rights.NotAllowed):
                decide(by)
    assert email_of(person) != NEW


def test_a_refusal_changes_nothing_and_is_final() -> None:
    person, agent, lead = make_user(), make_agent(), make_lead()
    proposal = ask(person, agent)
    proposals.refuse(proposal=proposal, by=lead, decision="She says that she did not call")
    with pytest.raises(proposals.ChangedSince):
        proposals.approve(proposal=proposal, by=make_lead())
    assert email_of(person) != NEW
    assert SecurityEvent.objects.get(event=Event.SECOND_AGENT_REFUSED).by_id == lead.pk


def test_what_was_approved_once_is_not_done_twice() -> None:
    person, agent = make_user(), make_agent()
    proposal = ask(person, agent)
    proposals.approve(proposal=proposal, by=make_lead())
    with pytest.raises(proposals.ChangedSince):
        proposals.approve(proposal=proposal, by=make_lead())
    assert SecurityEvent.objects.filter(event=Event.DONE_FOR_CALLER).count() == 1


def test_a_record_that_changed_meanwhile_is_not_changed_by_an_old_page() -> None:
    person, agent = make_user(), make_agent()
    proposal = ask(person, agent)
    person.email = "other@nhs.net"
    people.change(person=person, by=None)
    with pytest.raises(proposals.ChangedSince):
        proposals.approve(proposal=proposal, by=make_lead())
    assert email_of(person) == "other@nhs.net"
    assert Proposal.objects.get().state == State.WAITING


def test_an_agent_who_lost_their_rights_has_nothing_done_in_their_name() -> None:
    person, agent = make_user(), make_agent()
    proposal = ask(person, agent)
    User.objects.filter(pk=agent.pk).update(is_active=False)
    with pytest.raises(rights.NotAllowed):
        proposals.approve(proposal=proposal, by=make_lead())
    assert email_of(person) != NEW


def test_it_waits_for_three_days_and_can_be_asked_again(travel: Travel) -> None:
    person, agent, lead = make_user(), make_agent(), make_lead()
    proposal = ask(person, agent)
    with pytest.raises(proposals.WaitsAlready):
        ask(person, make_agent())
    travel(hours=72, seconds=1)
    with pytest.raises(proposals.ChangedSince):
        proposals.approve(proposal=proposal, by=lead)
    assert ask(person, agent).state == State.WAITING
    assert Proposal.objects.get(pk=proposal.pk).state == State.OVER


def test_only_the_agent_who_asked_takes_it_back() -> None:
    person, agent = make_user(), make_agent()
    proposal = ask(person, agent)
    with pytest.raises(rights.NotAllowed):
        proposals.withdraw(proposal=proposal, by=make_lead())
    proposals.withdraw(proposal=proposal, by=agent)
    assert Proposal.objects.get().state == State.WITHDRAWN
