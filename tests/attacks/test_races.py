"""Threat: what may be done once is done many times in the same moment, by requests that four processes answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bench.attacks import races
from bench.attacks.attack import Result

if TYPE_CHECKING:
    from bench.attacks.rig import Rig

pytestmark = pytest.mark.own_processes


@pytest.mark.parametrize("what", races.RACES)
def test_it_is_done_as_often_as_it_may_be(rig: Rig, what: str) -> None:
    result = Result()
    races.race(rig, result, what, count=1)
    assert result.broken == []
