"""Every attack, by its name on the command line, in the order in which they run."""

from __future__ import annotations

from bench.attacks import stranger
from bench.attacks.attack import Attack

ATTACKS: dict[str, Attack] = {attack.name: attack for attack in (stranger.ATTACK,)}
