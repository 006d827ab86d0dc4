"""Threat: a request that no browser sends makes the portal fail, or lead to an attacker."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bench.attacks import fuzzing

if TYPE_CHECKING:
    from bench.attacks.rig import Rig

pytestmark = pytest.mark.own_processes


def test_nothing_malformed_makes_it_fail(rig: Rig) -> None:
    assert fuzzing.fuzz(rig, requests=250, seed=fuzzing.SEED).broken == []
