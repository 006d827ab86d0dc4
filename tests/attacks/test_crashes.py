"""Threat: a process is killed between any two of its steps, and what people were answered is not so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bench.attacks import crashes

if TYPE_CHECKING:
    from bench.attacks.rig import Rig

pytestmark = pytest.mark.own_processes


def test_nothing_is_lost_by_kills_and_people_get_in_again(rig: Rig) -> None:
    # How soon is measured by `make attack`: a busy machine fails no test.
    assert crashes.kill(rig, kills=3, imported=200, ends_leases=True, within=120).broken == []
