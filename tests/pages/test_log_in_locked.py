"""What the log-in page says of wrong tries and a lock: this browser's own past, and nothing else's.

Threat: the page tells a stranger whether a name is real, or what others have tried. That real and made-up names get the
same bytes for the same past is in tests/security/test_log_in_tells_nothing.py.
"""

from __future__ import annotations

import datetime
import re

import pytest
from bs4 import BeautifulSoup
from django.http import HttpResponse
from django.test import RequestFactory

from accounts.browser import wrong_tries
from accounts.identifiers import as_username
from accounts.services import lockout
from tests.support.factories import NEW_PASSWORD, PASSWORD, make_user
from tests.support.links import open_link
from tests.support.openid_provider import OpenIDProvider
from tests.support.steps import PortalClient, log_in, send
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db

MADE_UP = "999NOBODY01"
WRONG = "not the right one"
COOKIE = "__Host-tries"
ONLY_HERE = "We can only tell you about this browser."
# 6:53pm in London, where it is summer: the clock on the page is the one on the wall.
EVENING = datetime.datetime(2026, 7, 1, 17, 53, 40, tzinfo=datetime.UTC)


@pytest.fixture(autouse=True)
def evening(travel: Travel) -> None:
    travel.to(EVENING)


def wrong(client: PortalClient, username: str = MADE_UP, *, times: int = 1, password: str = WRONG) -> str:
    """Make wrong tries in a browser; return what the last page says."""
    for _ in range(times):
        answer = client.post("/log-in/", {"username": username, "password": password})
        assert answer.status_code == 200
    return " ".join(BeautifulSoup(answer.content, "html5lib").select_one("main").get_text(" ").split())  # type: ignore[union-attr]


def after(client: PortalClient, username: str = MADE_UP, *, tries: int) -> None:
    """Give a browser the past of so many wrong tries, without the pages in between."""
    client.get("/log-in/")
    request = RequestFactory().get("/log-in/")
    request.META["CSRF_COOKIE"] = client.cookies["__Host-csrf"].value
    for _ in range(tries):
        request.COOKIES |= {name: morsel.value for name, morsel in client.cookies.items()}
        response = HttpResponse()
        wrong_tries.remember(request, response, wrong_tries.with_one_more(request, username=as_username(username)))
        client.cookies.update(response.cookies)
        lockout.record_failure(username=username)


def left(page: str) -> str:
    found = re.search(r"You have (\d+ (?:try|tries)) left in this browser", page)
    return found[1] if found else ""


def until(page: str) -> str:
    """Return until when the page says that it is locked, or ""."""
    found = re.search(r"so it is locked until (\S+) \.", page)
    assert ("Locked until" in page) == bool(found)
    return found[1] if found else ""


def test_what_is_promised_is_never_sooner_than_the_lock_ends() -> None:
    tenth = EVENING + datetime.timedelta(seconds=20.4)
    tries = wrong_tries.OfOneName("digest", count=lockout.LIMIT - 1, last=int(EVENING.timestamp()))
    until = tries.one_more(now=tenth.timestamp()).locked_until
    assert until is not None
    assert until >= tenth + lockout.DURATION


def test_it_says_how_many_tries_are_left_once_five_are_used(client: PortalClient) -> None:
    pages = [wrong(client) for _ in range(9)]
    assert [left(page) for page in pages] == ["", "", "", "", "5 tries", "4 tries", "3 tries", "2 tries", "1 try"]
    assert [ONLY_HERE in page for page in pages] == [False] * 4 + [True] * 5
    assert not any(map(until, pages))


def test_after_ten_it_says_exactly_until_when_and_that_does_not_move(client: PortalClient, travel: Travel) -> None:
    after(client, tries=9)
    pages = [wrong(client)]
    for _ in range(2):
        travel(minutes=6)
        pages.append(wrong(client))
    assert [until(page) for page in pages] == ["7:09pm"] * 3
    assert ONLY_HERE in pages[0]
    assert "Trying again before then does not make it longer" in pages[0]
    travel(minutes=3, seconds=15)
    assert (until(wrong(client)), left(wrong(client))) == ("", "")


def test_recovery_and_care_identity_come_first_then(client: PortalClient, openid_provider: OpenIDProvider) -> None:
    after(client, tries=9)
    answer = client.post("/log-in/", {"username": MADE_UP, "password": WRONG})
    page = BeautifulSoup(answer.content, "html5lib")
    ways = [each.get_text(strip=True) for each in page.select("main .nhsuk-button") if "Show" not in each.text]
    first = ["Get back in by email", "Log in with my Care Identity", "Log in via Username Password"]
    assert ways == [*first, "Log in with a passkey"]
    assert len(page.select("h1")) == 1
    assert page.select_one("#id_username")["value"] == MADE_UP  # type: ignore[index]


def test_tries_in_other_browsers_do_not_show(client: PortalClient, other_client: PortalClient) -> None:
    user = make_user()
    after(other_client, user.username, tries=10)
    page = wrong(client, user.username, password=PASSWORD)
    assert (until(page), left(page)) == ("", "")


def test_each_typed_name_has_its_own_tries_and_any_spelling_counts(client: PortalClient) -> None:
    wrong(client, "999 nobody-01", times=3)
    wrong(client, MADE_UP, times=2)
    assert left(wrong(client, "999OTHER01")) == ""
    assert left(wrong(client, MADE_UP)) == "4 tries"


def test_a_right_password_after_unlocking_lets_in_whatever_the_page_said(client: PortalClient) -> None:
    user = make_user()
    after(client, user.username, tries=9)
    assert until(wrong(client, user.username)) == "7:09pm"
    lockout.unlock(user=user, by=None)
    log_in(client, user)
    client.post("/log-out/")
    page = wrong(client, user.username)
    assert (until(page), left(page)) == ("", "")


def test_tries_are_forgotten_where_this_browser_sets_a_new_password(client: PortalClient) -> None:
    user = make_user()
    after(client, user.username, tries=9)
    assert until(wrong(client, user.username)) == "7:09pm"
    assert send(client, open_link(client, user), {"new_password": NEW_PASSWORD}).status_code == 302
    assert client.cookies[COOKIE].value == ""


def test_tries_are_forgotten_fifteen_minutes_after_the_last(client: PortalClient, travel: Travel) -> None:
    after(client, tries=6)
    travel(minutes=15, seconds=1)
    assert left(wrong(client)) == ""
    after(client, tries=3)
    assert left(wrong(client)) == "5 tries"


def test_a_cookie_that_is_made_up_or_another_browsers_is_passed_over(
    client: PortalClient, other_client: PortalClient
) -> None:
    """Threat: a page, or the person before, has a browser say that a name is locked, or how often it was tried."""
    after(other_client, tries=9)
    for value in (other_client.cookies[COOKIE].value, "9:x:y", "", "é", "x" * 3000):
        client.cookies[COOKIE] = value
        page = wrong(client)
        assert (until(page), left(page)) == ("", "")


def test_the_cookie_stays_small_and_names_no_person(client: PortalClient) -> None:
    for number in range(30):
        after(client, f"999NOBODY{number:02}", tries=2)
    value = client.cookies[COOKIE].value
    assert len(value) < 400
    assert value.count("~") == wrong_tries.MOST_NAMES - 1
    assert "NOBODY" not in value
