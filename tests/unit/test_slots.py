"""Slots of the session: what is half finished in a browser, and is forgotten at once."""

from __future__ import annotations

import datetime
from typing import Any

from accounts.browser import slots
from accounts.browser.slots import Slot
from tests.support.travel import Travel

CHOICE = Slot("choice", lasts=datetime.timedelta(minutes=15))
OFFER = Slot("offer", lasts=datetime.timedelta(minutes=5))


class Untouchable(dict[str, Any]):
    """A session that must not be written to."""

    def __setitem__(self, key: str, value: Any) -> None:
        raise AssertionError(key)


def test_what_is_kept_is_found_until_it_is_taken() -> None:
    session: dict[str, Any] = {}
    CHOICE.keep(session, {"uid": "5"})
    assert CHOICE.find(session) == {"uid": "5"}
    assert CHOICE.take(session) == {"uid": "5"}
    assert CHOICE.take(session) is None
    assert session == {}


def test_what_is_kept_again_replaces_what_was_there() -> None:
    session: dict[str, Any] = {}
    CHOICE.keep(session, "one")
    CHOICE.keep(session, "another")
    assert CHOICE.take(session) == "another"


def test_each_thing_lasts_its_own_time(travel: Travel) -> None:
    session: dict[str, Any] = {}
    CHOICE.keep(session, "choice")
    OFFER.keep(session, "offer")
    travel(minutes=5, seconds=1)
    assert (CHOICE.find(session), OFFER.find(session)) == ("choice", None)
    travel(minutes=10)
    assert CHOICE.find(session) is None


def test_forgetting_one_leaves_the_others_and_the_rest_of_the_session() -> None:
    session: dict[str, Any] = {"other": 1}
    CHOICE.keep(session, "choice")
    OFFER.keep(session, "offer")
    OFFER.forget(session)
    assert (CHOICE.find(session), OFFER.find(session)) == ("choice", None)
    slots.forget_half_finished(session)
    assert session == {"other": 1}


def test_what_lies_in_an_entry_of_its_own_is_not_half_finished() -> None:
    session: dict[str, Any] = {}
    Slot("state", lasts=datetime.timedelta(minutes=15), entry="elsewhere").keep(session, "asked")
    slots.forget_half_finished(session)
    assert list(session) == ["elsewhere"]


def test_a_session_with_nothing_to_forget_is_not_written() -> None:
    """Threat: each visitor who opens a page leaves a row behind, because the page forgot what was never there."""
    session = Untouchable()
    CHOICE.forget(session)
    assert CHOICE.take(session) is None
    slots.forget_half_finished(session)
    assert session == {}


def test_what_is_begun_is_told_from_what_is_only_said_afterwards(travel: Travel) -> None:
    session: dict[str, Any] = {}
    said = Slot("said", lasts=datetime.timedelta(minutes=5), begun=False)
    said.keep(session, "done")
    assert not slots.holds_begun(session)
    CHOICE.keep(session, {"uid": "5"})
    assert slots.holds_begun(session)
    travel(minutes=15, seconds=1)
    assert not slots.holds_begun(session)
