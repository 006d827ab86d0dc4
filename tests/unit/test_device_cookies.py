"""Browsers that have logged in before."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.http import HttpRequest
from hypothesis import given
from hypothesis import strategies as st

from accounts.browser import cookies, device_cookies
from tests.support.travel import Travel

JO, ANN = "999JSMITH01", "999AOBRIEN01"


def _name(username: str) -> str:
    return device_cookies.cookie_for(username).name


def _sent(*usernames: str) -> dict[str, str]:
    theirs = [device_cookies.cookie_for(username) for username in usernames]
    return {cookie.name: device_cookies.new_value(cookie) for cookie in theirs}


def _gone(*, sent: dict[str, str], keep: str) -> list[str]:
    """Return which cookies a browser is told to drop that sends these, with the one named `keep` set anew."""
    request = HttpRequest()
    request.COOKIES = {settings.COOKIE_PREFIX + name: value for name, value in sent.items()}
    ours = cookies.sent(request, like=device_cookies.is_device_cookie)
    return cookies.superfluous(ours, keep=keep, most=device_cookies.MOST)


def _known(username: str, sent: dict[str, str]) -> str:
    cookie = device_cookies.cookie_for(username)
    return device_cookies.counter_digest(cookie, value=sent.get(cookie.name, ""))


def test_a_browser_with_its_cookie_is_known_for_its_username_however_that_is_typed() -> None:
    sent = _sent(JO)
    known = _known(JO, sent)
    assert known
    assert _known(" 999jsmith01 ", sent) == known


def test_two_browsers_of_one_person_are_counted_apart() -> None:
    first, second = (_known(JO, _sent(JO)) for _ in range(2))
    assert first != second


def test_a_browser_without_a_cookie_is_a_stranger() -> None:
    assert _known(JO, {}) == ""
    assert _known(JO, _sent(ANN)) == ""


def test_a_cookie_for_one_username_is_worth_nothing_for_another() -> None:
    """Threat: an attacker logs in once with their own name, and gets a counter of their own for every other name."""
    (own,) = _sent(ANN).values()
    forged = {_name(JO): own}
    assert _known(JO, forged) == ""


@given(st.text(alphabet=st.characters(codec="utf-8")))
def test_a_made_up_cookie_is_worth_nothing(value: str) -> None:
    assert _known(JO, {_name(JO): value}) == ""


def test_a_cookie_is_forgotten_after_four_hundred_days(travel: Travel) -> None:
    sent = _sent(JO)
    travel(days=399)
    assert _known(JO, sent)
    travel(days=2)
    assert _known(JO, sent) == ""


def test_a_cookie_does_not_tell_whose_it_is() -> None:
    """Threat: the next person at a shared PC reads in its cookies who works there."""
    ((name, value),) = _sent(JO).items()
    assert "SMITH" not in (name + value).upper()
    assert device_cookies.is_device_cookie(name)
    assert not device_cookies.is_device_cookie("session")


def test_the_oldest_cookies_give_way_to_the_newest(travel: Travel) -> None:
    names = [f"999JSMITH{number:02}" for number in range(device_cookies.MOST + 3)]
    sent: dict[str, str] = {}
    for name in names:
        sent |= _sent(name)
        travel(minutes=1)
    newest = _name(names[-1])
    gone = _gone(sent=sent, keep=newest)
    assert gone == [_name(name) for name in names[:3]]


def test_a_cookie_that_is_set_again_is_never_the_one_to_go() -> None:
    sent = _sent(*(f"999JSMITH{number:02}" for number in range(device_cookies.MOST)))
    assert _gone(sent=sent, keep=next(iter(sent))) == []


@pytest.mark.parametrize("value", ["a:\u00fc:c", "a::c", "::", "", ":", "a:-:c", "a:b"])
def test_other_cookies_are_left_alone_and_broken_ones_go_first(value: str) -> None:
    sent = _sent(*(f"999JSMITH{number:02}" for number in range(device_cookies.MOST)))
    broken = _name(ANN)
    gone = _gone(sent={**sent, "session": "x", broken: value}, keep=_name("999JSMITH00"))
    assert gone == [broken]
