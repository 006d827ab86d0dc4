"""The live check of a new password."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.core.cache import cache

from accounts import live_check_limit
from accounts.models import User
from tests.support.factories import NEW_PASSWORD, PASSWORD, make_user
from tests.support.links import link_path
from tests.support.steps import PortalClient, log_in

pytestmark = pytest.mark.django_db

CHECK = "/password-check/"


@pytest.fixture(autouse=True)
def _nobody_has_asked_before() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def broken(client: PortalClient, password: str) -> list[str]:
    answer = client.post(CHECK, {"password": password})
    assert answer.status_code == 200
    return [rule["code"] for rule in answer.json()["broken"]]


def open_link(client: PortalClient, user: User) -> None:
    client.get(link_path(user))


Begin = Callable[[PortalClient, User], object]


def stop_at_must_change(client: PortalClient, user: User) -> None:
    User.objects.filter(pk=user.pk).update(must_change_password=True)
    log_in(client, user)


def test_it_says_which_rules_are_broken_and_why(client: PortalClient) -> None:
    answer = client.post(CHECK, {"password": "short"}).json()
    assert answer["broken"][0]["code"] == "too_short"
    assert "12 characters" in answer["broken"][0]["message"]
    assert broken(client, NEW_PASSWORD) == []


@pytest.mark.parametrize("begin", [open_link, stop_at_must_change, log_in])
def test_it_knows_whose_password_it_is(client: PortalClient, begin: Begin) -> None:
    user = make_user(given_name="Zebedee", family_name="Quillfeather")
    assert "personal" not in broken(client, "quillfeather zebedee")
    begin(client, user)
    assert "personal" in broken(client, "quillfeather zebedee")


def test_it_never_looks_into_the_history(client: PortalClient) -> None:
    """Threat: an attacker finds out the current password by trying guesses as the new one."""
    log_in(client, make_user())
    assert broken(client, PASSWORD) == []


def test_it_is_asked_by_post_and_with_the_token_of_a_page(client: PortalClient, csrf_client: PortalClient) -> None:
    assert client.get(CHECK).status_code == 405
    origin = {"origin": "https://esr.example.nhs.uk"}
    assert csrf_client.post(CHECK, {"password": "x"}, headers=origin).status_code == 403


def test_it_may_be_asked_so_often_a_minute(client: PortalClient, other_client: PortalClient) -> None:
    """Threat: an attacker keeps the server busy with scoring."""
    user, other = make_user(), make_user()
    open_link(client, user)
    open_link(other_client, other)
    statuses = [client.post(CHECK, {"password": "x"}).status_code for _ in range(live_check_limit.LIMIT + 5)]
    assert statuses == [200] * live_check_limit.LIMIT + [429] * 5
    assert broken(other_client, "x")


def test_an_invented_session_buys_no_more_questions() -> None:
    statuses = set()
    for n in range(live_check_limit.LIMIT + 1):
        stranger = PortalClient()
        stranger.cookies["__Host-session"] = f"invented{n:024}"
        statuses.add(stranger.post(CHECK, {"password": "x"}).status_code)
    assert statuses == {200, 429}
