"""Threat: what keeps strangers out keeps a hospital out, whose people log in at once from behind one address."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bench.attacks import shift_change

if TYPE_CHECKING:
    from bench.attacks.rig import Rig

pytestmark = pytest.mark.own_processes


def test_all_people_of_a_hospital_get_in_and_meet_no_limit(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shift_change, "TYPES_AGAIN_AFTER", 0.5)
    assert shift_change.come(rig, count=40, seconds=3).broken == []
