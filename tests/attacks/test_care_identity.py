"""Threat: Care Identity is down, slow or lying, and log-ins with a password stop with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bench.attacks import care_identity

if TYPE_CHECKING:
    from bench.attacks.rig import Rig

pytestmark = pytest.mark.own_processes


def test_it_takes_no_password_log_in_with_it(rig: Rig) -> None:
    # How much slower is measured by `make attack`.
    assert care_identity.be_away(rig, seconds=1, by_card=10, most_slower=1000).broken == []
