"""The daily work ends and empties what agents asked for: no address waits for an agent who presses."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from accounts import tidying as accounts_tidying
from accounts.models import Proposal
from accounts.models.proposal import Action, State
from helpdesk import tidying
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


def test_a_part_that_fails_keeps_back_none_behind_it_and_the_command_names_it_at_the_end(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Threat: one row that cannot be deleted keeps security events from being sealed, day after day."""

    def fails() -> int:
        raise ValueError

    first, *_ = accounts_tidying.TIDYING
    monkeypatch.setitem(accounts_tidying.TIDYING, first, fails)
    monkeypatch.setitem(accounts_tidying.DUE, "people welcomed on their first day", fails)
    with pytest.raises(CommandError, match=f"{first}; people welcomed on their first day"):
        call_command("tidy_up")
    done = capsys.readouterr().out
    behind = (*accounts_tidying.TIDYING, *accounts_tidying.PUTTING_RIGHT, *tidying.TIDYING, *tidying.PUTTING_RIGHT)
    assert [what for what in behind if f"{what}: " not in done] == [first]
    assert [record.part for record in caplog.records if hasattr(record, "part")] == [
        first,
        "people welcomed on their first day",
    ]
