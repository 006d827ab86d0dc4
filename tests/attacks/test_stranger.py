"""Threat: a stranger guesses at a person on and on, so that the person cannot work."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bench.attacks import stranger

if TYPE_CHECKING:
    from bench.attacks.rig import Rig

pytestmark = pytest.mark.own_processes


def test_the_person_gets_in_all_the_while_in_their_own_browser_and_recovers_in_a_fresh_one(rig: Rig) -> None:
    assert stranger.guess(rig, seconds=2, between=0.05).broken == []
