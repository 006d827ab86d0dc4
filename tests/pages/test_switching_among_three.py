"""Your accounts: no more than three in one browser, and those whose time is up are none of them."""

from __future__ import annotations

import pytest

from accounts.models import User
from tests.pages.test_switching import main_text
from tests.support.factories import PASSWORD, make_user
from tests.support.steps import PortalClient, come_in
from tests.support.travel import Travel
from tests.support.two_accounts import (
    ACCOUNTS,
    ask_to_stay,
    log_in_too,
    make_southern,
    person_in,
    switch,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def north() -> User:
    return make_user()


@pytest.fixture
def both_in(client: PortalClient, north: User) -> PortalClient:
    """Return a browser that is used with the southern account and logged in to the northern one too."""
    come_in(client, north)
    assert log_in_too(client, make_southern())["Location"] == "/my-esr/"
    return client


def test_at_most_three_accounts(both_in: PortalClient, north: User) -> None:
    third = make_user()
    log_in_too(both_in, third)
    page = main_text(both_in, ACCOUNTS)
    assert "You can be logged in to 3 accounts at once." in page
    assert "Log in to another account of yours" not in page
    assert ask_to_stay(both_in)["Location"] == ACCOUNTS
    switch(both_in, north)
    assert person_in(both_in) == north.pk
    assert len(both_in.session["other_accounts"]) == 2


def test_accounts_whose_time_is_up_are_none_of_the_three(both_in: PortalClient, north: User, travel: Travel) -> None:
    third, fourth = make_user(), make_user()
    log_in_too(both_in, third)
    for _ in range(2):
        travel(minutes=8)
        both_in.get("/my-esr/")
    page = main_text(both_in, ACCOUNTS)
    assert "You can be logged in to 3 accounts at once." not in page
    assert switch(both_in, north)["Location"] == "/log-in/?another"
    both_in.get("/log-in/?another")
    both_in.post("/log-in/", {"username": north.username, "password": PASSWORD})
    assert person_in(both_in) == north.pk
    log_in_too(both_in, fourth)
    assert {row[0] for row in both_in.session["other_accounts"]} == {north.pk, third.pk}
