"""Threat: by the time of a refused log-in or of a recovery form, a stranger learns that a name is real, or what it is.

Few tries show no small difference: `make attack` sends five thousand of each. Here each kind is sent, none is let in or
shown to take another time, and a delay that is planted is seen, so that the measure is no blind one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bench.attacks import timing
from bench.attacks.attack import Result

if TYPE_CHECKING:
    from bench.attacks.rig import Rig

pytestmark = pytest.mark.own_processes


def test_no_kind_of_account_is_told_by_the_time_of_an_answer(rig: Rig) -> None:
    result = Result()
    timing.compare(result, "idle", timing.measure(rig, 2 * timing.TRIES_OF_AN_ACCOUNT, letters=0, browsers=2))
    assert result.broken == []


def test_a_planted_delay_is_found(rig: Rig) -> None:
    found = timing.find_planted(rig, 12, 0.2)
    assert {form: timing.is_found(seen) for form, seen in found.items()} == {timing.LOG_IN: True, timing.RECOVERY: True}
