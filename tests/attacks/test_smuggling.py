"""Threat: a request hides another, which the portal takes for a request of the next person's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bench.attacks import smuggling

if TYPE_CHECKING:
    from bench.attacks.rig import Rig

pytestmark = pytest.mark.own_processes


def test_nothing_hidden_reaches_the_portal_through_nginx(rig: Rig) -> None:
    assert smuggling.smuggle(rig, rounds=1).broken == []


def test_what_reaches_the_portal_past_nginx_is_found(rig: Rig) -> None:
    """As from a proxy that hands on HTTP/2 unseen: one trick of each version that the portal then falls for."""
    found = smuggling.smuggle(rig, rounds=1, past_nginx=True, only={"an upgrade to h2c", "H2.CL"}).broken
    assert len(found) == 1
    assert "an upgrade to h2c (HTTP/1)" in found[0]
    assert "H2.CL (HTTP/2)" in found[0]
