"""The page with recovery codes: shown once, saved as a file, made anew."""

from __future__ import annotations

import re

import pytest
from bs4 import BeautifulSoup

from accounts.browser import about
from accounts.models import User
from accounts.services import second_step
from accounts.services.second_step import recovery_codes
from tests.support.authenticator import PhoneApp
from tests.support.factories import make_user
from tests.support.steps import PortalClient, come_in, log_in, send
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db

PAGE = "/second-step/set-up/codes/"
FILE = "/second-step/set-up/codes/file/"
LETTERS = recovery_codes.LETTERS


def codes_in(client: PortalClient) -> list[str]:
    page = BeautifulSoup(client.get(PAGE).content, "html.parser")
    return [code.get_text() for code in page.select(".portal-recovery-codes code")]


@pytest.fixture
def user() -> User:
    user = make_user()
    PhoneApp.of(user)
    return user


@pytest.fixture
def inside(client: PortalClient, user: User) -> PortalClient:
    """Return a browser in which a person with an app is logged in."""
    log_in(client, user)
    send(client, "/log-in/second-step/", {"code": PhoneApp.of(user).code()})
    return client


def test_codes_are_shown_once_right_after_they_were_made(inside: PortalClient, user: User) -> None:
    assert codes_in(inside) == []
    assert send(inside, PAGE, {"make": "yes"})["Location"] == PAGE
    codes = codes_in(inside)
    assert len(codes) == 10
    assert all(re.fullmatch(rf"[{LETTERS}]{{5}}-[{LETTERS}]{{5}}", code) for code in codes)
    assert codes_in(inside) == []
    assert "Your codes were shown already" in inside.get(PAGE).content.decode()
    assert recovery_codes.use(user=user, code=codes[3].replace("-", ""))


def test_looking_ahead_does_not_use_up_the_showing(inside: PortalClient) -> None:
    send(inside, PAGE, {"make": "yes"})
    inside.head(PAGE)
    assert len(codes_in(inside)) == 10


def test_the_file_has_the_same_codes_until_they_are_saved(inside: PortalClient) -> None:
    send(inside, PAGE, {"make": "yes"})
    codes = codes_in(inside)
    answer = inside.get(FILE)
    assert answer["Content-Disposition"] == 'attachment; filename="ESR-recovery-codes.txt"'
    assert "no-store" in answer["Cache-Control"]
    assert answer.content.decode().split("\r\n")[3:13] == codes
    assert send(inside, PAGE, {"saved": "yes"}).status_code == 302
    assert inside.get(FILE)["Location"] == PAGE


def test_the_file_is_there_for_minutes(inside: PortalClient, travel: Travel) -> None:
    send(inside, PAGE, {"make": "yes"})
    travel(minutes=4)
    assert inside.get(FILE).status_code == 200
    travel(minutes=20)
    assert inside.get(FILE).status_code == 302


def test_the_page_says_how_many_are_left_and_makes_new_ones(inside: PortalClient, user: User) -> None:
    old = recovery_codes.make(user=user)[0].replace("-", "")
    assert "You have 10 codes left" in inside.get(PAGE).content.decode()
    send(inside, PAGE, {"make": "yes"})
    with pytest.raises(second_step.WrongRecoveryCode):
        recovery_codes.use(user=user, code=old)


def test_codes_alone_are_no_second_step(client: PortalClient) -> None:
    user = make_user()
    come_in(client, user)
    assert client.get(PAGE)["Location"] == "/second-step/set-up/"
    client.post(PAGE, {**about_of(user), "make": "yes"})
    assert recovery_codes.left(user=user) == 0


def test_after_five_minutes_new_codes_ask_for_a_proof(inside: PortalClient, user: User, travel: Travel) -> None:
    travel(minutes=5, seconds=1)
    assert inside.get(PAGE).status_code == 302
    inside.post(PAGE, {**about_of(user), "make": "yes"})
    assert recovery_codes.left(user=user) == 0


def test_the_codes_of_a_log_in_are_sealed_in_its_session(client: PortalClient) -> None:
    """Threat: a reader of the database finds the codes of people who are in the middle of setting them up."""
    admin = make_user(is_staff=True)
    log_in(client, admin)
    secret = BeautifulSoup(client.get("/second-step/set-up/app/").content, "html.parser").select_one(".portal-secret")
    assert secret is not None
    send(client, "/second-step/set-up/app/", {"code": PhoneApp.typed(secret.get_text()).code()})
    codes = codes_in(client)
    assert len(codes) == 10
    for code in codes:
        assert code not in str(dict(client.session))
    assert client.get("/my-esr/").status_code == 302
    assert client.get(FILE).status_code == 200
    assert send(client, PAGE, {"saved": "yes"})["Location"] == "/my-esr/"


def about_of(user: User) -> dict[str, str]:
    return {"about": about.person(user)}
