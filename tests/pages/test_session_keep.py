"""Staying logged in: the answer to the warning before a session ends."""

import pytest

from accounts.models import User
from tests.support.factories import PASSWORD, make_user
from tests.support.steps import PortalClient, stay_logged_in
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db


def _log_in(client: PortalClient) -> User:
    user = make_user()
    assert client.post("/log-in/", {"username": user.username, "password": PASSWORD}).status_code == 302
    return user


def test_staying_logged_in_starts_the_fifteen_minutes_again(client: PortalClient, travel: Travel) -> None:
    user = _log_in(client)
    travel(minutes=14)
    assert stay_logged_in(client, user).json() == {"logged_in": True}
    travel(minutes=14)
    assert client.get("/my-esr/").status_code == 200


def test_a_session_that_has_ended_is_not_kept(client: PortalClient, travel: Travel) -> None:
    user = _log_in(client)
    travel(minutes=15, seconds=1)
    assert stay_logged_in(client, user).status_code == 403


def test_staying_does_not_pass_the_absolute_limit(client: PortalClient, travel: Travel) -> None:
    user = _log_in(client)
    for _ in range(8 * 60 // 12 + 1):
        travel(minutes=12)
        stay_logged_in(client, user)
    assert stay_logged_in(client, user).status_code == 403


def test_it_is_a_post(client: PortalClient) -> None:
    assert client.get("/session/keep/").status_code == 405
