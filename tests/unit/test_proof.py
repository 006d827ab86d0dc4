"""What a log-in with Care Identity proves."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from accounts import proof as proofs
from accounts.proof import Proof

if TYPE_CHECKING:
    from pytest_django import Settings

    from tests.support.travel import Travel


def given(**facts: Any) -> Proof:
    """Return a proof that was given just now with a smartcard, but for `facts`."""
    return Proof(
        **{
            "uid": "555000000101",
            "level": 3,
            "methods": ("N3_SMARTCARD",),
            "authenticated_at": int(time.time()),
            **facts,
        }
    )


@pytest.mark.parametrize(("level", "both"), [(1, False), (2, False), (3, True)])
def test_level_three_alone_counts_as_both_steps(level: int, both: bool) -> None:
    assert given(level=level).counts_as_both_steps is both


def test_a_smartcard_is_what_the_operator_counts_as_one(settings: Settings) -> None:
    settings.CARE_IDENTITY_SMARTCARD_METHODS = ["N3_SMARTCARD", "CIS2_SMARTCARD"]
    assert given().is_smartcard
    assert given(methods=("OTHER", "CIS2_SMARTCARD")).is_smartcard
    assert not given(methods=("TOTP",)).is_smartcard
    assert not given(methods=()).is_smartcard


def test_a_smartcard_at_a_lower_level_is_none() -> None:
    assert not given(level=2).is_smartcard


def test_it_is_fresh_for_fifteen_minutes(travel: Travel) -> None:
    proof = given()
    assert proof.is_fresh
    travel(minutes=14, seconds=58)
    assert proof.is_fresh
    travel(seconds=4)
    assert not proof.is_fresh


def test_a_clock_a_minute_ahead_is_believed_and_one_further_ahead_is_not() -> None:
    assert given(authenticated_at=int(time.time()) + 50).is_fresh
    assert not given(authenticated_at=int(time.time()) + 90).is_fresh


def test_a_session_gives_back_what_was_put_into_it() -> None:
    proof = given(session="a session there")
    assert proofs.of_session(session={proofs.KEY: proof.as_dict()}) == proof
    assert proofs.of_session(session={}) is None
