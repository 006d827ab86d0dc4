"""Threat: an agent who has two accounts helps themselves with the one, in ways that another agent should look at."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import OutboxMessage, SecurityEvent, User
from accounts.models.outage_unlock import Cause
from accounts.models.role import Role
from accounts.models.security_event import Event
from accounts.services.events import Origin, coming_from
from helpdesk import actions
from helpdesk.kept_out import Why
from helpdesk.services import outage
from people.services import people, rights
from tests.support.care_identity import link
from tests.support.factories import make_user
from tests.support.helpdesk import PEOPLE, at_work, form_of, lock, make_agent, make_lead, make_operator, page_of

pytestmark = pytest.mark.django_db

MAILBOX, CARD = "the mailbox", "the card"
HOME = "192.0.2.10"


def other_account(agent: User, same: str) -> User:
    """Return another account of the agent's, at the same organisation, as far as the portal can know."""
    if same == MAILBOX:
        return make_user(organisation=agent.organisation, email=agent.email)
    other = make_user(organisation=agent.organisation)
    for account in (agent, other):
        link(account, "555000000101")
    return other


@pytest.fixture(params=[MAILBOX, CARD])
def same(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize("maker", [make_agent, make_lead, make_operator])
def test_none_of_their_accounts_is_one_that_they_may_act_on(maker: Callable[..., User], same: str) -> None:
    agent = maker()
    own, another = other_account(agent, same), make_user(organisation=agent.organisation)
    for may in (rights.may_help, rights.may_change):
        assert (may(by=agent, person=own), may(by=agent, person=another)) == (False, True)


def test_nobody_gives_a_role_to_another_account_of_theirs(same: str) -> None:
    admin = make_user(role=Role.ORGANISATION_ADMIN)
    own = other_account(admin, same)
    assert not rights.roles_to_give(by=admin, person=own)
    own.role = "lead"
    with pytest.raises(rights.NotAllowed):
        people.change(person=own, by=admin)
    assert rights.roles_to_give(by=admin, person=make_user(organisation=admin.organisation))


def test_the_desk_says_why_and_offers_nothing(same: str) -> None:
    agent = make_agent()
    own, desk = other_account(agent, same), at_work(agent)
    page = desk.get(f"/admin/desk/people/{own.pk}/").content.decode()
    assert "This account has your email address or your Care Identity." in page
    assert 'name="note"' not in page
    for path in ("unlock", "send_recovery_email"):
        assert desk.post(f"{PEOPLE}{own.pk}/{path}/").status_code == 403
    for action in actions.ALL:
        assert desk.post(reverse(action.address_name, args=[own.pk]), {"note": "x"}).status_code == 403, action.name
    assert desk.post(page_of(own), form_of(own, family_name="Changed")).status_code == 403
    assert not OutboxMessage.objects.exists()


def test_ticked_on_the_list_they_are_left_out_and_it_is_said_why(same: str) -> None:
    agent = make_agent()
    own, another = other_account(agent, same), make_user(organisation=agent.organisation)
    desk = at_work(agent)
    desk.post(PEOPLE, {"action": "send_recovery_email", "_selected_action": [own.pk, another.pk], "index": "0"})
    assert [row.about["users"] for row in OutboxMessage.objects.all()] == [[another.pk]]
    said = desk.get(PEOPLE).text
    assert "an account with your email address or Care Identity" in said


def test_an_outage_is_no_way_round_it(same: str) -> None:
    lead = make_lead()
    own, another, now = other_account(lead, same), make_user(organisation=lead.organisation), timezone.now()
    for person in (own, another):
        before = now - datetime.timedelta(days=3)
        SecurityEvent.objects.create(event=Event.LOGGED_IN, user=person, address=HOME, at=before)
        with coming_from(Origin(address=HOME)):
            lock(person)
    begins_at, ends_at = now - datetime.timedelta(hours=1), timezone.now()
    row = outage.preview(
        by=lead, organisation=lead.organisation, cause=Cause.WRONG_PASSWORDS, begins_at=begins_at, ends_at=ends_at
    )
    assert (row.people, row.left_out) == ([another.pk], {Why.HAS_RIGHTS: 1})


def test_a_record_that_is_not_there_yet_is_nobodys(same: str) -> None:
    agent = make_agent()
    new = User(organisation=agent.organisation, email=agent.email)
    assert rights.may_change(by=agent, person=new)
