"""What agents asked for and decided stays to be read where one of them is on record no more."""

from __future__ import annotations

import pytest
from django.utils import timezone

from accounts.models import PeopleUpload, Proposal, User
from accounts.models.people_upload import UploadState
from accounts.models.proposal import Action, State
from helpdesk.services import proposals
from people.services import rights
from tests.support.factories import make_user
from tests.support.helpdesk import about_of, at_work, make_agent, make_lead, text
from tests.support.imports import csv_of, looked_at, page_of
from tests.support.people_files import jo

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

QUEUE = "/admin/desk/second-agent/"
GONE = "A person who is on record no more"


def asked_by(agent: User) -> Proposal:
    """Return what an agent has asked for and that waits for a second one."""
    return proposals.ask(
        person=make_user(), action=Action.CHANGE_EMAIL, by=agent, reason="Married", value="jo.new@nhs.net"
    )


def test_what_waits_can_be_asked_for_anew_and_no_second_agent_agrees_to_it() -> None:
    """Threat: an agent who was removed cannot be asked what the change was for, and keeps others from asking for it."""
    agent, lead = make_agent(), make_lead()
    row, desk = asked_by(agent), at_work(lead)
    User.objects.filter(pk=agent.pk).delete()
    for press in ("agree", "refuse", "take-back", "code"):
        answer = desk.post(f"{QUEUE}{row.pk}/{press}/", {"about": about_of(desk), "decision": "No"})
        assert answer.status_code == 404
    for decide in (proposals.approve, proposals.refuse):
        with pytest.raises(rights.NotAllowed):
            decide(proposal=row, by=lead, decision="No")
    anew = proposals.ask(
        person=row.user, action=Action.CHANGE_EMAIL, by=make_agent(), reason="Married", value="jo.new@nhs.net"
    )
    row.refresh_from_db()
    assert (row.state, anew.state) == (State.OVER, State.WAITING)
    assert GONE in text(desk, QUEUE)
    assert GONE in text(desk, f"{QUEUE}{row.pk}/")


def test_what_was_decided_says_that_its_agents_are_gone() -> None:
    agent, second = make_agent(), make_lead()
    row = asked_by(agent)
    Proposal.objects.update(state=State.REFUSED, decided_by=second, decided_at=timezone.now())
    User.objects.filter(pk__in=[agent.pk, second.pk]).delete()
    desk = at_work(make_lead())
    assert GONE in text(desk, QUEUE)
    assert text(desk, f"{QUEUE}{row.pk}/").count(GONE) == 2


def test_the_report_of_an_import_says_of_each_agent_that_they_are_gone() -> None:
    first, second, lead = make_lead(), make_lead(), make_lead()
    row = looked_at(csv_of(jo()), by=first)
    now = timezone.now()
    PeopleUpload.objects.update(
        state=UploadState.APPLIED, confirmed_by=first, confirmed_at=now, decided_by=second, decided_at=now
    )
    User.objects.filter(pk__in=[first.pk, second.pk]).delete()
    assert text(at_work(lead), page_of(row)).count(GONE) == 3
