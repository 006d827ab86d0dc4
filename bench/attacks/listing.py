"""Every attack, by its name on the command line, in the order in which they run."""

from __future__ import annotations

from bench.attacks import (
    canaries,
    care_identity,
    clock_jump,
    crashes,
    disk_full,
    fuzzing,
    outages,
    poisoning,
    races,
    restored,
    shift_change,
    smuggling,
    stranger,
    stuffing,
    timing,
)
from bench.attacks.attack import Attack

ATTACKS: dict[str, Attack] = {
    attack.name: attack
    for attack in (
        *timing.ATTACKS,
        stuffing.ATTACK,
        shift_change.ATTACK,
        stranger.ATTACK,
        races.ATTACK,
        crashes.ATTACK,
        outages.MAIL,
        outages.DATABASE,
        disk_full.ATTACK,
        clock_jump.ATTACK,
        restored.ATTACK,
        poisoning.ATTACK,
        fuzzing.ATTACK,
        smuggling.ATTACK,
        canaries.ATTACK,
        care_identity.ATTACK,
    )
}
