"""My ESR → a code for the helpdesk: what a caller reads out, so that the agent knows who is calling."""

from __future__ import annotations

import pytest

from accounts.services import caller_checks
from tests.support.factories import make_user
from tests.support.helpdesk import make_agent
from tests.support.steps import PortalClient, come_in
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db

CODE = "/my-esr/helpdesk-code/"


def test_the_person_sees_word_code_and_who_asks(client: PortalClient) -> None:
    person, agent = make_user(), make_agent(given_name="Pat", family_name="Desk")
    come_in(client, person)
    assert "Nobody at the helpdesk is asking for a code now." in client.get(CODE).text
    check = caller_checks.begin(person=person, agent=agent)
    page = client.get(CODE).text
    shown = caller_checks.shown_to(person=person)[0]
    assert f"<strong>{shown.code}</strong>" in page
    assert f'<strong lang="en">{caller_checks.word_of(check=check)}</strong>' in page
    assert "Pat has asked for it." in page


def test_my_esr_leads_there(client: PortalClient) -> None:
    come_in(client, make_user())
    assert f'href="{CODE}"' in client.get("/my-esr/").text


def test_a_session_that_was_left_open_shows_no_code(client: PortalClient, travel: Travel) -> None:
    """Threat: the next person at the same computer calls the helpdesk as the one who is still logged in."""
    person = make_user()
    come_in(client, person)
    caller_checks.begin(person=person, agent=make_agent())
    travel(minutes=6)
    answer = client.get(CODE)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/my-esr/security/confirm/")


def test_another_person_sees_nothing_of_it_and_a_visitor_logs_in_first(client: PortalClient) -> None:
    caller_checks.begin(person=make_user(), agent=make_agent())
    assert client.get(CODE)["Location"].startswith("/log-in/")
    come_in(client, make_user())
    assert "Nobody at the helpdesk is asking" in client.get(CODE).text
