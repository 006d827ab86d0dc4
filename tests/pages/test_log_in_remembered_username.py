"""The username that stands in the log-in form when it opens: for once, or because the person ticked so.

Threat: the next person at a shared PC finds whose session it was when that person has logged out or is long gone.
"""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

from accounts import session_limits
from accounts.models import DeviceCookie, User
from accounts.services import sessions
from tests.support.factories import NEW_PASSWORD, PASSWORD, make_user
from tests.support.links import open_link
from tests.support.steps import PortalClient, log_in, send
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db

COOKIE = "__Host-username"
IDLE = session_limits.PEOPLE.idle


def form(client: PortalClient, address: str = "/log-in/") -> tuple[str, bool]:
    """Open the log-in page; return the username in its box, and whether it is ticked to be remembered."""
    page = BeautifulSoup(client.get(address, follow=True).content, "html5lib")
    box, tick = page.select_one("#id_username"), page.select_one('input[name="remember_username"]')
    assert box is not None
    assert tick is not None
    return str(box.get("value", "")), tick.has_attr("checked")


def enter(client: PortalClient, user: User, *, tick: bool, password: str = PASSWORD) -> int:
    typed = {"username": user.username.lower(), "password": password, **({"remember_username": "on"} if tick else {})}
    return client.post("/log-in/", typed).status_code


def set_password(client: PortalClient, user: User) -> None:
    """Set a new password by a mailed link."""
    done = send(client, open_link(client, user), {"new_password": NEW_PASSWORD})["Location"]
    assert user.username in client.get(done).text


def test_after_a_new_password_by_link_the_username_is_there_once(client: PortalClient, user: User) -> None:
    set_password(client, user)
    assert form(client) == (user.username, False)
    assert form(client) == ("", False)


def test_minutes_after_a_new_password_nothing_is_there(client: PortalClient, user: User, travel: Travel) -> None:
    set_password(client, user)
    travel(minutes=10, seconds=1)
    assert form(client) == ("", False)


def test_with_two_links_done_neither_username_is_there(client: PortalClient) -> None:
    """Two tabs never mix two usernames."""
    users = [make_user(), make_user()]
    pages = [open_link(client, user) for user in users]
    for page in pages:
        assert send(client, page, {"new_password": NEW_PASSWORD}).status_code == 302
    assert form(client) == ("", False)


def test_after_a_log_in_that_has_to_begin_again_it_is_there_once(client: PortalClient) -> None:
    """A forced change at which the helpdesk was quicker: the password is another by now."""
    user = make_user(must_change_password=True)
    log_in(client, user)
    user.set_password("another one by now")
    user.save()
    assert form(client, "/log-in/change-password/") == (user.username, False)
    assert form(client) == ("", False)


def test_after_a_time_out_it_is_there_once_with_a_way_to_empty_the_form(client: PortalClient, travel: Travel) -> None:
    # A name that no random token has by chance.
    user = make_user(given_name="Josephine")
    log_in(client, user)
    travel(seconds=IDLE.total_seconds() + 1)
    page = client.get("/my-esr/", follow=True).text
    assert f'value="{user.username}"' in page
    assert '<a href="/log-in/">start with an empty form</a>' in page
    assert (user.email in page, user.given_name in page) == (False, False)
    assert form(client) == ("", False)


def test_long_after_a_time_out_nothing_is_there(client: PortalClient, travel: Travel) -> None:
    log_in(client, make_user())
    travel(seconds=(IDLE + sessions.LATELY).total_seconds() + 1)
    assert form(client, "/my-esr/") == ("", False)


def test_after_a_time_out_that_the_page_noticed_it_is_there(client: PortalClient) -> None:
    """The script of the warning ends the session on the server and says that the time was up."""
    user = make_user()
    log_in(client, user)
    client.post("/log-out/", {"timed_out": "yes"})
    assert form(client, "/log-in/?ended") == (user.username, False)


@pytest.mark.parametrize("helped", [False, True])
def test_after_a_log_out_nothing_is_there(client: PortalClient, helped: bool) -> None:
    user = make_user()
    if helped:
        set_password(client, user)
    log_in(client, user, NEW_PASSWORD if helped else PASSWORD)
    client.post("/log-out/")
    assert form(client) == ("", False)


def test_after_a_session_that_was_ended_elsewhere_nothing_is_there(client: PortalClient) -> None:
    user = make_user()
    log_in(client, user)
    sessions.end_all(user=user)
    assert form(client, "/my-esr/") == ("", False)


def test_a_tick_has_this_device_remember_the_username_and_unticking_forgets_it(client: PortalClient) -> None:
    user = make_user()
    assert enter(client, user, tick=True) == 302
    client.post("/log-out/")
    assert form(client) == (user.username, True)
    assert form(client) == (user.username, True)
    assert client.cookies[COOKIE]["httponly"]
    # At once, whatever comes of the password.
    assert enter(client, user, tick=False, password="not the right one") == 200
    assert form(client) == ("", False)


def test_a_wrong_password_or_no_tick_remembers_nothing(client: PortalClient) -> None:
    user = make_user()
    enter(client, user, tick=True, password="not the right one")
    enter(client, user, tick=False)
    client.post("/log-out/")
    assert form(client) == ("", False)
    assert COOKIE not in client.cookies


def test_the_tick_of_the_person_before_remembers_no_other_person(client: PortalClient) -> None:
    """Threat: the next person leaves the tick as it is, which they have not set."""
    first, second = make_user(), make_user()
    for user in (first, second):
        enter(client, user, tick=True)
        client.post("/log-out/")
    assert form(client) == ("", False)


def test_a_remembered_username_is_no_device_cookie_and_one_made_up_is_passed_over(client: PortalClient) -> None:
    user = make_user()
    enter(client, user, tick=True)
    other = PortalClient()
    other.cookies[COOKIE] = client.cookies[COOKIE].value
    assert enter(other, user, tick=True, password="not the right one") == 200
    assert DeviceCookie.objects.count() == 1
    for value in (user.username, f"{user.username}:x:y", "é", "x" * 3000):
        other.cookies[COOKIE] = value
        assert form(other) == ("", False)
