"""The log-in page."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import SecurityEvent
from accounts.models.security_event import Event
from accounts.services import lockout
from tests.support.factories import PASSWORD, make_user
from tests.support.steps import PortalClient
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db

REFUSED = "The username or password is not right, or the username is locked"


def _try(client: PortalClient, username: str, password: str = "not the right one", **more: str) -> str:
    response = client.post("/log-in/", {"username": username, "password": password, **more})
    assert response.status_code == 200
    return response.content.decode()


def test_a_right_username_and_password_lead_to_my_esr(client: PortalClient) -> None:
    user = make_user()
    response = client.post("/log-in/", {"username": user.username, "password": PASSWORD})
    assert response.status_code == 302
    assert response["Location"] == "/my-esr/"
    assert SecurityEvent.objects.filter(user=user, event=Event.LOGGED_IN).count() == 1


@pytest.mark.parametrize("typed", ["  {}  ", "\t{}\n", "\u200b{}\ufeff", "\u202e{}"])
def test_blanks_and_invisible_marks_around_a_username_are_forgiven(client: PortalClient, typed: str) -> None:
    user = make_user()
    response = client.post("/log-in/", {"username": typed.format(user.username), "password": PASSWORD})
    assert response.status_code == 302


def test_small_letters_in_a_username_are_forgiven(client: PortalClient) -> None:
    user = make_user()
    assert client.post("/log-in/", {"username": user.username.lower(), "password": PASSWORD}).status_code == 302


def test_full_width_letters_in_a_username_are_forgiven(client: PortalClient) -> None:
    user = make_user()
    wide = "".join(chr(ord(c) + 0xFEE0) for c in user.username)
    assert client.post("/log-in/", {"username": wide, "password": PASSWORD}).status_code == 302


def test_a_password_is_compared_in_its_compatible_form(client: PortalClient) -> None:
    user = make_user(password="Ünïcode harbour ﬁne")
    decomposed = "U\u0308ni\u0308code harbour fine"
    assert client.post("/log-in/", {"username": user.username, "password": decomposed}).status_code == 302


def test_a_password_keeps_its_blanks(client: PortalClient) -> None:
    user = make_user()
    assert REFUSED in _try(client, user.username, f" {PASSWORD}")


def test_a_wrong_password_is_refused_and_the_username_kept(client: PortalClient) -> None:
    user = make_user()
    page = _try(client, user.username)
    assert REFUSED in page
    assert f'value="{user.username}"' in page
    assert "not the right one" not in page


def test_after_three_wrong_tries_the_page_points_to_recovery(client: PortalClient) -> None:
    pages = [_try(client, "999NOBODY01") for _ in range(3)]
    assert ["Get back in by email" in page for page in pages] == [False, False, True]


def test_getting_in_forgets_the_wrong_tries_of_the_browser(client: PortalClient) -> None:
    user = make_user()
    for _ in range(3):
        _try(client, user.username)
    client.post("/log-in/", {"username": user.username, "password": PASSWORD})
    client.post("/log-out/")
    assert "Get back in by email" not in _try(client, user.username)


def test_ten_wrong_passwords_lock_the_username_also_for_the_right_one(client: PortalClient) -> None:
    user = make_user()
    for _ in range(10):
        _try(client, user.username)
    assert REFUSED in _try(client, user.username, PASSWORD)
    assert SecurityEvent.objects.filter(user=user, event=Event.LOCKED).count() == 1


def test_nine_wrong_passwords_do_not_lock(client: PortalClient) -> None:
    user = make_user()
    for _ in range(9):
        _try(client, user.username)
    assert client.post("/log-in/", {"username": user.username, "password": PASSWORD}).status_code == 302


def test_the_lock_ends_after_fifteen_minutes_and_tries_do_not_extend_it(client: PortalClient, travel: Travel) -> None:
    user = make_user()
    for _ in range(10):
        _try(client, user.username)
    travel(minutes=14)
    assert REFUSED in _try(client, user.username, PASSWORD)
    travel(minutes=1, seconds=1)
    assert client.post("/log-in/", {"username": user.username, "password": PASSWORD}).status_code == 302


def test_an_email_address_gets_the_hint_what_a_username_looks_like(client: PortalClient) -> None:
    user = make_user()
    known, unknown = _try(client, user.email), _try(client, "nobody@nowhere.example")
    assert "A username looks like" in known
    assert "A username looks like" in unknown
    assert "A username looks like" not in _try(client, user.username)


@pytest.mark.parametrize("missing", ["username", "password"])
def test_an_empty_box_is_asked_for_and_counts_as_no_try(client: PortalClient, missing: str) -> None:
    user = make_user()
    page = client.post("/log-in/", {"username": user.username, "password": PASSWORD, missing: ""}).content.decode()
    assert f"Enter your {missing}" in page
    assert not lockout.is_locked(username=user.username)
    assert not SecurityEvent.objects.exists()


@pytest.mark.parametrize(
    "facts",
    [
        {"is_active": False},
        {"ends_on": datetime.date(2020, 1, 1)},
        {"starts_on": datetime.date(2999, 1, 1)},
    ],
    ids=["inactive", "ended", "not started"],
)
def test_somebody_whose_login_is_not_in_force_is_refused(client: PortalClient, facts: dict[str, Any]) -> None:
    user = make_user(**facts)
    assert REFUSED in _try(client, user.username, PASSWORD)
    assert SecurityEvent.objects.get(event=Event.LOG_IN_FAILED).reason == "not_in_force"


def test_the_last_day_is_a_day_of_work(client: PortalClient) -> None:
    user = make_user(starts_on=timezone.localdate(), ends_on=timezone.localdate())
    assert client.post("/log-in/", {"username": user.username, "password": PASSWORD}).status_code == 302


def test_somebody_who_never_had_a_password_is_refused(client: PortalClient) -> None:
    user = make_user(password=None)
    assert REFUSED in _try(client, user.username, user.password)
    assert REFUSED in _try(client, user.username, "!")


def test_after_log_in_one_lands_where_one_wanted_to_go(client: PortalClient) -> None:
    user = make_user()
    response = client.post("/log-in/", {"username": user.username, "password": PASSWORD, "next": "/change-password/"})
    assert response["Location"] == "/change-password/"


def test_a_page_that_needs_log_in_brings_its_address_along(client: PortalClient) -> None:
    response = client.get("/change-password/", follow=True)
    assert 'name="next" value="/change-password/"' in response.content.decode()


def test_somebody_who_is_in_is_taken_to_my_esr(client: PortalClient) -> None:
    user = make_user()
    client.post("/log-in/", {"username": user.username, "password": PASSWORD})
    assert client.get("/log-in/")["Location"] == "/my-esr/"


def test_somebody_whose_session_ended_by_itself_reads_why(client: PortalClient, travel: Travel) -> None:
    user = make_user()
    client.post("/log-in/", {"username": user.username, "password": PASSWORD})
    travel(minutes=16)
    page = client.get("/my-esr/", follow=True).content.decode()
    assert "You were logged out to keep your account safe" in page
    assert "You were logged out" not in client.get("/log-in/").content.decode()


def test_the_warning_leads_to_a_page_that_says_why(client: PortalClient) -> None:
    assert "You were logged out to keep your account safe" in client.get("/log-in/?ended").content.decode()


@pytest.mark.parametrize("address", ["/" + "x" * 3000, "/\0", "https://evil.example/"])
def test_an_address_to_go_to_that_is_none_keeps_nobody_out(client: PortalClient, address: str) -> None:
    user = make_user()
    response = client.post("/log-in/", {"username": user.username, "password": PASSWORD, "next": address})
    assert response["Location"] == "/my-esr/"
