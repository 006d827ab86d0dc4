"""What may be done once, or ten times, is done many times in the same moment, by all four processes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from bench.attacks import race_rounds as rounds
from bench.attacks.attack import Attack, Result, scaled
from bench.attacks.crowd import Crowd, crowd

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.attacks.rig import Rig

ROUNDS = 200
# What a race is, how many browsers take part, one round of it, and whether they are those of two agents at work.
RACES: dict[str, tuple[int, Callable[[Crowd, int], str], bool]] = {
    "guesses at one person": (50, rounds.guesses, False),
    "uses of one link": (50, rounds.links, False),
    "uses of one code": (8, rounds.codes, False),
    "enrolments of an app": (2, rounds.enrolments, False),
    "unlocks of one person": (2, rounds.unlocks, True),
    "approvals of one proposal": (2, rounds.approvals, True),
    "imports for one organisation": (2, rounds.imports, False),
}


def run(rig: Rig, share: float) -> Result:
    """Run a share of the rounds of each race."""
    result = Result()
    for what in RACES:
        race(rig, result, what, count=scaled(ROUNDS, share))
    return result


def race(rig: Rig, result: Result, what: str, *, count: int) -> None:
    """Run so many rounds of a race, and say in how many it was as it must be."""
    browsers, one_round, at_work = RACES[what]
    wrong: list[str] = []
    began = time.monotonic()
    with crowd(rig, browsers) as together:
        if at_work:
            rounds.at_work(together.visitors)
        for number in range(count):
            differs = one_round(together, number)
            if differs:
                wrong.append(f"round {number}: {differs}")
    held = count - len(wrong)
    result.say(f"{browsers} {what}", f"{held} of {count} rounds as they must be, {time.monotonic() - began:.0f} s")
    result.must(not wrong, f"{what}, {len(wrong)} of {count} rounds, as {wrong[:1]}")


ATTACK = Attack(
    name="races",
    title="5. What may be done once, many times at once",
    must_hold=(
        "in each round one wins of all that use a link or a code, set up an app, unlock, approve or import; ten "
        "guesses of fifty are compared; what is counted, recorded and mailed is right."
    ),
    estimate="an hour",
    run=run,
)
