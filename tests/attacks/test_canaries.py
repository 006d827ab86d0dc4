"""Threat: a secret is where somebody can read it whom it is not for: in a log, a table, a mail, an address, a file."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest

from bench.attacks import canaries, planted
from bench.attacks.canary_places import Places
from bench.attacks.canary_walk import Walk

if TYPE_CHECKING:
    from bench.attacks.rig import Rig

pytestmark = pytest.mark.own_processes


def test_no_secret_is_anywhere_but_where_it_is_for(rig: Rig) -> None:
    assert canaries.search(rig).broken == []


def test_a_password_in_a_log_is_found_in_another_form_too(rig: Rig) -> None:
    """As by a line that somebody adds to see what goes wrong: what is typed at the log-in, in base64."""
    planted.plant(rig.folder / "planted.json", leaks=True)
    places = Places(rig)
    walk = Walk(rig, places.look_at_the_database)
    with contextlib.closing(walk):
        walk.recover()
    (log,) = [each for each in places.logs() if each.name == "logs of the processes"]
    found = {each.name for each in walk.canaries if each.found_in(log.content, log.content.lower())}
    assert found == {"wrong password"}
