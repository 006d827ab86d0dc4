"""Browsers that have logged in before."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from accounts.services import browsers
from tests.conftest import Travel

JO, ANN = "999JSMITH01", "999AOBRIEN01"


def _marks(*usernames: str) -> dict[str, str]:
    return {mark.name: mark.value for mark in (browsers.new_mark(username=username) for username in usernames)}


def test_a_marked_browser_is_known_for_its_username_however_that_is_typed() -> None:
    marks = _marks(JO)
    known = browsers.known_browser(username=JO, marks=marks)
    assert known
    assert browsers.known_browser(username=" 999jsmith01 ", marks=marks) == known


def test_two_browsers_of_one_person_are_counted_apart() -> None:
    first, second = (browsers.known_browser(username=JO, marks=_marks(JO)) for _ in range(2))
    assert first != second


def test_a_browser_without_a_mark_is_a_stranger() -> None:
    assert browsers.known_browser(username=JO, marks={}) == ""
    assert browsers.known_browser(username=JO, marks=_marks(ANN)) == ""


def test_a_mark_for_one_username_is_worth_nothing_for_another() -> None:
    """Threat: log in once with one's own name, and get a counter of one's own for everybody else's."""
    own = browsers.new_mark(username=ANN)
    forged = {browsers.mark_name(JO): own.value}
    assert browsers.known_browser(username=JO, marks=forged) == ""


@given(st.text(alphabet=st.characters(codec="utf-8")))
def test_a_made_up_mark_is_worth_nothing(value: str) -> None:
    assert browsers.known_browser(username=JO, marks={browsers.mark_name(JO): value}) == ""


def test_a_mark_is_forgotten_after_four_hundred_days(travel: Travel) -> None:
    marks = _marks(JO)
    travel(days=399)
    assert browsers.known_browser(username=JO, marks=marks)
    travel(days=2)
    assert browsers.known_browser(username=JO, marks=marks) == ""


def test_a_mark_does_not_tell_whose_it_is() -> None:
    """Threat: the next person at a shared PC reads in its cookies who works there."""
    mark = browsers.new_mark(username=JO)
    assert "SMITH" not in (mark.name + mark.value).upper()
    assert browsers.is_mark_name(mark.name)
    assert not browsers.is_mark_name("session")


def test_the_oldest_marks_give_way_to_the_newest(travel: Travel) -> None:
    names = [f"999JSMITH{number:02}" for number in range(browsers.MOST_MARKS + 3)]
    marks: dict[str, str] = {}
    for name in names:
        marks |= _marks(name)
        travel(minutes=1)
    newest = browsers.mark_name(names[-1])
    gone = browsers.superfluous_marks(marks=marks, keep=newest)
    assert gone == [browsers.mark_name(name) for name in names[:3]]


def test_a_mark_that_is_set_again_is_never_the_one_to_go() -> None:
    marks = _marks(*(f"999JSMITH{number:02}" for number in range(browsers.MOST_MARKS)))
    assert browsers.superfluous_marks(marks=marks, keep=next(iter(marks))) == []


def test_cookies_that_are_no_marks_are_left_alone_and_broken_marks_go_first() -> None:
    marks = _marks(*(f"999JSMITH{number:02}" for number in range(browsers.MOST_MARKS)))
    broken = browsers.mark_name(ANN)
    gone = browsers.superfluous_marks(
        marks={**marks, "session": "x", broken: "a:\u00fc:c"}, keep=browsers.mark_name("999JSMITH00")
    )
    assert gone == [broken]
