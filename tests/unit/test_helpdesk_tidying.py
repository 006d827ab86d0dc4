"""The daily work ends and empties what agents asked for: no address waits for an agent who presses."""

from __future__ import annotations

import pytest
from django.core.management import call_command

from accounts.models import Proposal
from accounts.models.proposal import Action, State
from helpdesk.services import proposals
from tests.support.factories import make_user
from tests.support.helpdesk import make_agent
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db


def test_tidy_up_ends_empties_and_deletes_proposals(travel: Travel, capsys: pytest.CaptureFixture[str]) -> None:
    person = make_user()
    proposals.ask(person=person, action=Action.CHANGE_EMAIL, by=make_agent(), reason="Married", value="jo.new@nhs.net")
    for days, state, value in ((4, State.OVER, "jo.new@nhs.net"), (27, State.OVER, "")):
        travel(days=days)
        call_command("tidy_up")
        row = Proposal.objects.get()
        assert (row.state, row.value, bool(row.before)) == (state, value, bool(value))
    travel(days=335)
    call_command("tidy_up")
    assert not Proposal.objects.exists()
    assert "changes that agents asked for" in capsys.readouterr().out
