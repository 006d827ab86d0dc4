"""Threat: the clock of an instance jumps, and lets in who must not get in, or leaves what people wait for undone."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import pytest

from bench.attacks import clock_jump
from bench.week.clock import MISSING, found_library

if TYPE_CHECKING:
    from bench.attacks.rig import Rig

pytestmark = [pytest.mark.own_processes, pytest.mark.skipif(not found_library(), reason=MISSING)]


def test_an_instance_whose_clock_jumps_lets_nobody_in_and_all_is_well_once_it_is_right(rig: Rig) -> None:
    found = clock_jump.one_instance(rig, {"2 hours ahead": datetime.timedelta(hours=2)}, within=120)
    assert found.broken == []
