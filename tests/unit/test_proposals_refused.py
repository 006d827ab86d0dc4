"""What no agent can ask for, nor agree to, whoever the caller is."""

from __future__ import annotations

import pytest

from accounts.models import CareIdentity, Proposal, User
from accounts.models.proposal import Action, State
from accounts.services import caller_checks
from helpdesk.services import proposals
from people.services import rights
from tests.support.factories import make_organisation, make_user
from tests.support.helpdesk import make_agent, make_operator

pytestmark = pytest.mark.django_db

UID = "555000000101"


def ask(person: User, agent: User, action: Action, value: str) -> Proposal:
    return proposals.ask(person=person, action=action, by=agent, reason="Married", value=value)


@pytest.mark.parametrize("action", [Action.CHANGE_EMAIL, Action.LINK_CARE_IDENTITY])
def test_an_agent_puts_neither_mailbox_nor_card_of_their_own_on_record(action: Action) -> None:
    """Threat: the caller was checked, and the agent types what lets in the agent."""
    agent, person = make_operator(), make_user()
    CareIdentity.objects.create(user=agent, uid=UID)
    caller_checks.pass_with_card(person=person, agent=agent)
    with pytest.raises(rights.NotAllowed):
        ask(person, agent, action, agent.email if action is Action.CHANGE_EMAIL else UID)
    assert not Proposal.objects.exists()


@pytest.mark.parametrize("action", [Action.CHANGE_EMAIL, Action.LINK_CARE_IDENTITY])
def test_nor_does_the_second_agent_agree_to_theirs(action: Action) -> None:
    """Threat: a second agent has the first ask for what lets in the second."""
    person, second = make_user(), make_operator()
    CareIdentity.objects.create(user=second, uid=UID)
    value = second.email if action is Action.CHANGE_EMAIL else UID
    if action is Action.LINK_CARE_IDENTITY:
        User.objects.filter(pk=second.pk).update(organisation=make_organisation(code="111", name="South"))
    asked = ask(person, make_agent(), action, value)
    with pytest.raises(rights.NotAllowed):
        proposals.approve(proposal=asked, by=User.objects.get(pk=second.pk))
    assert Proposal.objects.get().state == State.WAITING
