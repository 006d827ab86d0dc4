"""The live check of a new password."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.core.cache import cache

from accounts import live_check_limit
from accounts.models import User
from tests.support.factories import NEW_PASSWORD, PASSWORD, make_user
from tests.support.links import open_link
from tests.support.steps import PortalClient, about_in, log_in

pytestmark = pytest.mark.django_db

CHECK = "/password-check/"


@pytest.fixture(autouse=True)
def _nobody_has_asked_before() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def broken(client: PortalClient, password: str, page: str = "") -> list[str]:
    """Return the rules that a password breaks which is typed in the page at the address `page`."""
    shown = about_in(client.get(page)) if page else {}
    answer = client.post(CHECK, {**shown, "password": password})
    assert answer.status_code == 200
    return [rule["code"] for rule in answer.json()["broken"]]


Begin = Callable[[PortalClient, User], str]


def stop_at_must_change(client: PortalClient, user: User) -> str:
    User.objects.filter(pk=user.pk).update(must_change_password=True)
    return log_in(client, user)["Location"]


def change(client: PortalClient, user: User) -> str:
    log_in(client, user)
    return "/change-password/"


def test_it_says_which_rules_are_broken_and_why(client: PortalClient) -> None:
    answer = client.post(CHECK, {"password": "short"}).json()
    assert answer["broken"][0]["code"] == "too_short"
    assert "12 characters" in answer["broken"][0]["message"]
    assert broken(client, NEW_PASSWORD) == []


@pytest.mark.parametrize("begin", [open_link, stop_at_must_change, change])
def test_it_knows_whose_password_it_is(client: PortalClient, begin: Begin) -> None:
    user = make_user(given_name="Zebedee", family_name="Quillfeather")
    assert "personal" not in broken(client, "quillfeather zebedee")
    page = begin(client, user)
    assert "personal" in broken(client, "quillfeather zebedee", page)


def test_it_never_looks_into_the_history(client: PortalClient) -> None:
    """Threat: an attacker finds out the current password by trying guesses as the new one."""
    assert broken(client, PASSWORD, change(client, make_user())) == []


def test_it_is_asked_by_post_and_with_the_token_of_a_page(client: PortalClient, csrf_client: PortalClient) -> None:
    assert client.get(CHECK).status_code == 405
    origin = {"origin": "https://esr.example.nhs.uk"}
    assert csrf_client.post(CHECK, {"password": "x"}, headers=origin).status_code == 403


@pytest.fixture
def low_limit(monkeypatch: pytest.MonkeyPatch) -> int:
    """Make the limit of a minute one that is met soon; return it."""
    monkeypatch.setattr(live_check_limit, "LIMIT", 4)
    return 4


def test_it_may_be_asked_so_often_a_minute(client: PortalClient, other_client: PortalClient, low_limit: int) -> None:
    """Threat: an attacker keeps the server busy with scoring."""
    user, other = make_user(), make_user()
    typed = {**about_in(client.get(open_link(client, user))), "password": "x"}
    others_page = open_link(other_client, other)
    statuses = [client.post(CHECK, typed).status_code for _ in range(low_limit + 5)]
    assert statuses == [200] * low_limit + [429] * 5
    assert broken(other_client, "x", others_page)


def test_an_invented_session_buys_no_more_questions(low_limit: int) -> None:
    statuses = set()
    for n in range(low_limit + 1):
        stranger = PortalClient()
        stranger.cookies["__Host-session"] = f"invented{n:024}"
        statuses.add(stranger.post(CHECK, {"password": "x"}).status_code)
    assert statuses == {200, 429}


def test_each_tab_is_answered_for_its_own_person(client: PortalClient) -> None:
    """Threat: twins at one mailbox have both links open, and the rules are ticked for the wrong one."""
    tia = make_user(given_name="Tia", family_name="Quillfeather")
    tom = make_user(given_name="Tom", family_name="Summerscale")
    page_of_tia, page_of_tom = open_link(client, tia), open_link(client, tom)
    for _ in range(2):
        assert "personal" in broken(client, "quillfeather tia", page_of_tia)
        assert "personal" not in broken(client, "quillfeather tia", page_of_tom)
        assert "personal" in broken(client, "summerscale tom", page_of_tom)
        assert "personal" not in broken(client, "summerscale tom", page_of_tia)


@pytest.mark.parametrize("later", [open_link, stop_at_must_change, change])
@pytest.mark.parametrize("earlier", [stop_at_must_change, change])
def test_a_tab_whose_person_has_gone_is_answered_for_nobody_else(
    client: PortalClient, earlier: Begin, later: Begin
) -> None:
    shown = about_in(client.get(earlier(client, make_user())))
    later(client, make_user(given_name="Zebedee", family_name="Quillfeather"))
    for said in (shown, {}, {"about": "x" * 1000}):
        answer = client.post(CHECK, {**said, "password": "quillfeather zebedee"})
        assert (answer.status_code, answer.json()) == (409, {"broken": []})
