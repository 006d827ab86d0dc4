"""Threat: the mail server is down, and links that people were promised never come."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bench.attacks import outages

if TYPE_CHECKING:
    from bench.attacks.rig import Rig

pytestmark = pytest.mark.own_processes


def test_no_mail_is_lost_while_the_mail_server_is_down(rig: Rig) -> None:
    assert outages.without_mail(rig, seconds=1, requests=20, everything=False, within=120).broken == []
