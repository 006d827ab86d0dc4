"""Threat: a disk is full, and people read of a fault, or what they were answered is not so once there is room."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bench.attacks import disk, disk_full

if TYPE_CHECKING:
    from bench.attacks.rig import Rig

pytestmark = pytest.mark.own_processes


def test_nothing_is_lost_where_nothing_can_be_written_and_people_get_in_again(rig: Rig) -> None:
    try:
        with disk_full.on_a_small_disk(rig):
            # What the doctor says of it is its own tests', and the whole attack's.
            found = disk_full.fill(rig, times=1, full_for=1, ends_leases=True, within=120, doctor=False)
    except disk.NoDisk as problem:
        pytest.skip(f"only root may mount a disk, and not in every container: {problem}")
    assert found.broken == []
