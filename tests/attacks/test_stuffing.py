"""Threat: pairs of a leak are tried, or a few common passwords for many people, by bots with many addresses or one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bench.attacks import stuffing
from bench.attacks.attack import Result

if TYPE_CHECKING:
    from bench.attacks.rig import Rig

pytestmark = pytest.mark.own_processes


def test_pairs_of_a_leak_let_in_whose_they_are_and_no_guess_beyond_ten_is_compared(rig: Rig) -> None:
    result = Result()
    stuffing.stuff(rig, result, 300)
    assert result.broken == []


def test_ten_common_passwords_for_many_people_let_none_in_and_raise_the_alarm(rig: Rig) -> None:
    result = Result()
    stuffing.spray(rig, result, 25)
    assert result.broken == []
