"""The username box of the log-in page: a username in any spelling, and what people type in place of one."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

from accounts.models import DeviceCookie, Lockout
from tests.support.factories import PASSWORD, make_user
from tests.support.steps import PortalClient, log_in

pytestmark = pytest.mark.django_db

MADE_UP = "999NOBODY01"
LOOKS_LIKE = "A username looks like"
WAYS = ["999 J O’Brien-Évans 01", "999jo'brienevans01", "999-JOBRIENEVANS-01.", "９９９ＪＯＢＲＩＥＮＥＶＡＮＳ０１"]


def page_after(client: PortalClient, username: str) -> str:
    answer = client.post("/log-in/", {"username": username, "password": "not the right one"})
    assert answer.status_code == 200
    return answer.text


@pytest.mark.parametrize("typed", WAYS)
def test_marks_inside_a_username_are_forgiven(client: PortalClient, typed: str) -> None:
    make_user(username="999JOBRIENEVANS01")
    assert client.post("/log-in/", {"username": typed, "password": PASSWORD}).status_code == 302


def test_every_spelling_has_one_counter_and_one_device_cookie(client: PortalClient) -> None:
    """Threat: a spelling for each ten guesses, or one that makes a browser known twice."""
    user = make_user(username="999JOBRIENEVANS01")
    log_in(client, user)
    for typed in WAYS:
        client.post("/log-out/")
        assert client.post("/log-in/", {"username": typed, "password": PASSWORD}).status_code == 302
    assert DeviceCookie.objects.filter(user=user).count() == 1
    assert len([name for name in client.cookies if name.startswith("__Host-b")]) == 1
    stranger = PortalClient()
    for typed in WAYS:
        page_after(stranger, typed)
    assert list(Lockout.objects.filter(browser_digest="").values_list("failures", flat=True)) == [len(WAYS)]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("nobody@nowhere.example", "You typed an email address."),
        ("10000001", "You typed an ESR number."),
        ("1000 0001", "You typed an ESR number."),
        ("Jo Smith", "What you typed does not look like a username."),
        ("JSMITH01", "What you typed does not look like a username."),
        ("99JSMITH01", "What you typed does not look like a username."),
    ],
)
def test_what_is_no_username_gets_the_hint_what_one_looks_like(client: PortalClient, typed: str, said: str) -> None:
    """The same for a person's own as for a made-up one: a stranger learns nothing by it."""
    assert f"{said} {LOOKS_LIKE}" in page_after(client, typed)
    make_user(employee_number="10000001", email="nobody@nowhere.example", given_name="Jo", family_name="Smith")
    assert f"{said} {LOOKS_LIKE}" in page_after(client, typed)


@pytest.mark.parametrize("typed", [MADE_UP, "999 j’smith 01", "9991234"])
def test_what_may_be_a_username_gets_no_such_hint(client: PortalClient, typed: str) -> None:
    assert LOOKS_LIKE not in page_after(client, typed)


def test_an_example_stands_under_the_label_from_the_start(client: PortalClient) -> None:
    box = BeautifulSoup(client.get("/log-in/").content, "html5lib").select_one("#id_username")
    assert box is not None
    hint = BeautifulSoup(client.get("/log-in/").content, "html5lib").select_one(f"#{box['aria-describedby']}")
    assert hint is not None
    assert hint.get_text(strip=True) == "For example, 999JSMITH01"
