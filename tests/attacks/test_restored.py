"""Threat: a restored back-up revives what has ended since: sessions, links, people who were erased."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bench.attacks import restored

if TYPE_CHECKING:
    from bench.attacks.rig import Rig

pytestmark = pytest.mark.own_processes


def test_what_a_restored_back_up_revives_ends_and_people_get_in_again(rig: Rig) -> None:
    assert restored.restore(rig, count=2, within=120).broken == []
