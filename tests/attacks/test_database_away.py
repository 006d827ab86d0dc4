"""Threat: PostgreSQL is restarted or hangs, and people are left out, or what they were answered is not so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bench.attacks import outages

if TYPE_CHECKING:
    from bench.attacks.rig import Rig

pytestmark = pytest.mark.own_processes


def test_nothing_is_lost_while_the_database_is_away_and_people_get_in_again(rig: Rig) -> None:
    found = outages.without_database(rig, restarts=1, hangs=1, hung_for=1, ends_leases=True, within=120)
    assert found.broken == []
