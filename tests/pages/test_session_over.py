"""After a time-out: a page without scripts says so by itself, and people come back to where they were."""

from __future__ import annotations

import datetime
import re

import pytest
from bs4 import BeautifulSoup

from accounts import session_limits
from accounts.services import sessions
from tests.support.factories import PASSWORD, make_user
from tests.support.helpdesk import make_agent
from tests.support.steps import PortalClient, come_in, stay_logged_in
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db

ENDED = "You were logged out to keep your account safe"
ENDED_IDLE = "because ESR was not used for a while"
# What a screen reader says first of a page.
TITLE = "<title>You were logged out – Login to ESR – ESR Portal</title>"
# In no <noscript>: scripts can be switched on, and not run, or not arrive.
LIMIT = '<p class="nhsuk-body-s" data-time-limit>You are logged out after {} minutes without use.'


def refresh(page: str) -> tuple[int, str]:
    """Return after how many seconds a page goes where by itself, in a browser without scripts."""
    (found,) = re.findall(r'<noscript><meta http-equiv="refresh" content="(\d+); url=([^"]+)"></noscript>', page)
    return int(found[0]), found[1]


def test_an_idle_page_turns_into_the_log_in_page_and_back(client: PortalClient, travel: Travel) -> None:
    user = make_user()
    come_in(client, user)
    seconds, address = refresh(client.get("/change-password/?from=my-esr").text)
    assert 15 * 60 < seconds <= 15 * 60 + 10
    travel(seconds=seconds)
    page = client.get(address, follow=True).text
    assert page.count(ENDED) == 1
    assert TITLE in page
    assert "http-equiv" not in page
    found = BeautifulSoup(page, "html5lib").select_one('main input[name="next"]')
    assert found is not None
    answer = client.post("/log-in/", {"username": user.username, "password": PASSWORD, "next": found["value"]})
    assert answer["Location"] == "/change-password/?from=my-esr"


def test_the_refresh_keeps_no_session_that_another_tab_has_kept(client: PortalClient, travel: Travel) -> None:
    """Threat: two idle tabs keep each other's session for the whole day."""
    come_in(client, make_user())
    _, address = refresh(client.get("/my-esr/").text)
    travel(minutes=10)
    client.get("/")
    travel(minutes=5, seconds=5)
    answer = client.get(address)
    assert "You are still logged in" in answer.text
    button = BeautifulSoup(answer.content, "html5lib").select_one("main a.nhsuk-button")
    assert button is not None
    assert button["href"] == "/my-esr/"
    seconds, again = refresh(answer.text)
    assert again == address
    assert seconds <= 10 * 60 + 5
    travel(seconds=seconds)
    assert ENDED in client.get(again, follow=True).text


def test_it_is_sooner_where_the_session_ends_sooner(client: PortalClient, desk: PortalClient, travel: Travel) -> None:
    assert refresh(desk.get("/admin/").text)[0] <= 10 * 60 + 10
    come_in(client, make_user())
    for _ in range(8 * 60 // 14):
        travel(minutes=14)
        client.get("/my-esr/")
    assert refresh(client.get("/my-esr/").text)[0] <= 4 * 60 + 10


def test_who_must_change_the_password_gets_there_too(client: PortalClient, travel: Travel) -> None:
    user = make_user()
    come_in(client, user)
    type(user).objects.filter(pk=user.pk).update(must_change_password=True)
    assert client.get("/session/over/").status_code == 200


@pytest.mark.parametrize("address", ["https://evil.example/", "//evil.example/"])
def test_it_leads_to_pages_of_ours_alone(client: PortalClient, address: str) -> None:
    assert client.get("/session/over/", {"next": address})["Location"] == "/log-in/?ended=&next=%2Fmy-esr%2F"


def test_the_warning_of_the_script_leads_back_too(client: PortalClient) -> None:
    come_in(client, make_user())
    dialog = BeautifulSoup(client.get("/change-password/?a=b&c=d").content, "html5lib").select_one("#session-warning")
    assert dialog is not None
    assert dialog["data-log-in-url"] == "/log-in/?ended&next=%2Fchange-password%2F%3Fa%3Db%26c%3Dd"


def test_a_warning_that_is_answered_too_late_leads_to_a_page_that_says_why_once(
    client: PortalClient, travel: Travel
) -> None:
    user = make_user()
    come_in(client, user)
    travel(minutes=15, seconds=1)
    assert stay_logged_in(client, user).status_code == 403
    page = client.get("/log-in/?ended").text
    assert (page.count(ENDED), f'value="{user.username}"' in page) == (1, True)


def test_a_form_that_was_sent_too_late_leads_back_to_its_page(client: PortalClient, travel: Travel) -> None:
    """Its fields are passwords, which are never kept."""
    come_in(client, make_user())
    travel(seconds=sessions.limits(user=make_user(), session={}).idle.total_seconds() + 1)
    answer = client.post("/change-password/", {"current_password": PASSWORD, "new_password": "whatever it is"})
    assert answer["Location"] == "/log-in/?next=/change-password/"
    assert TITLE in client.get(answer["Location"]).text


def test_without_scripts_each_page_says_after_how_long_and_how_to_stay(
    client: PortalClient, desk: PortalClient
) -> None:
    """No warning can be shown there, so it is said beforehand (WCAG 2.2.1)."""
    assert LIMIT.format(10) in desk.get("/admin/").text
    come_in(client, make_user())
    page = client.get("/my-esr/").text
    assert LIMIT.format(15) in page
    assert "Each page that you open or send starts the time again" in page
    assert not re.search(r"<noscript>(?:(?!</noscript>).)*without use", page, re.DOTALL)


def test_visitors_have_no_refresh_and_no_limit(client: PortalClient) -> None:
    make_agent()
    page = client.get("/").text
    assert "http-equiv" not in page
    assert "without use" not in page


def test_the_end_that_nothing_puts_off_is_known_beforehand_and_named(
    client: PortalClient, travel: Travel, monkeypatch: pytest.MonkeyPatch
) -> None:
    minutes = datetime.timedelta(minutes=1)
    monkeypatch.setattr(session_limits, "PEOPLE", session_limits.Limits(idle=15 * minutes, absolute=20 * minutes))
    come_in(client, make_user())
    travel(minutes=8)
    client.get("/my-esr/")
    travel(minutes=8)
    page = client.get("/change-password/?a=b").text
    dialog = BeautifulSoup(page, "html5lib").select_one("#session-end")
    assert dialog is not None
    before, over = (int(str(dialog[f"data-{name}-after-seconds"])) for name in ("warn", "over"))
    assert before == over - 120
    assert 4 * 60 <= over <= 4 * 60 + 10
    # It is over however busy the person is, and the page says why, for each way to it.
    travel(seconds=over)
    for address in ("/my-esr/", str(dialog["data-over-url"]), str(dialog["data-log-in-url"])):
        again = client.get(address, follow=True).text
        assert again.count("because you had been logged in for as long as is allowed") == 1, address
        assert TITLE in again
        assert ENDED_IDLE not in again
