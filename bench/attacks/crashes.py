"""kill -9 of workers, web servers and single processes of them, at moments left to chance, while people come."""

from __future__ import annotations

import random
import statistics
import time
from collections import defaultdict
from typing import TYPE_CHECKING

from bench.attacks import faults, importing, ledger, load
from bench.attacks.attack import Attack, Result, scaled

if TYPE_CHECKING:
    from bench.attacks.rig import Rig

KILLS = 200
IMPORTED = 5000
LETTERS = "CRASH"
# Seconds between what is back and the next kill, at most.
LONGEST_PAUSE = 2.0


def run(rig: Rig, share: float) -> Result:
    """Kill a share of 200 times."""
    kills = scaled(KILLS, share, least=4)
    return kill(rig, kills=kills, imported=scaled(IMPORTED, share, least=200), ends_leases=share < 1)


def kill(rig: Rig, *, kills: int, imported: int, ends_leases: bool, within: float = faults.BACK_WITHIN) -> Result:
    """Kill so often, with an import beside; hold the portal to all that it answered."""
    result, chance = Result(), random.Random(6)  # noqa: S311 - the same order each time.
    back: dict[str, list[float]] = defaultdict(list)
    file = importing.Importing(imported)
    people = {"asking": 100 + 60 * kills, "changing": 50 + 30 * kills}
    with faults.supervised(rig), load.coming(rig, LETTERS, **people) as book, file:
        for _ in range(kills):
            time.sleep(chance.uniform(0, LONGEST_PAUSE))
            what = faults.kill_something(rig, chance)
            at = time.monotonic()
            seconds = book.wait_for_one_after(at, within=within)
            result.must(seconds is not None, f"no person was let in within {within:.0f} s of a kill ({what})")
            back[what].append(seconds if seconds is not None else within)
        result.must(faults.wait_until_ready(rig, within=max(within, 60)), "not all that was killed is back")
        # So that what is asked for after the last kill is done too.
        time.sleep(1)
    with faults.supervised(rig):
        ledger.check_sessions(rig, book, result)
        settled = ledger.settle(ends_leases=ends_leases)
        file.wait(ends_leases=ends_leases)
        for what, seconds_of in sorted(back.items()):
            middle, most = statistics.median(seconds_of), max(seconds_of)
            result.say(
                f"Kills of this kind: {what}",
                f"{len(seconds_of)}, the next is let in after {middle:.1f} s, {most:.1f} at most",
            )
        how = "leases taken for over" if ends_leases else "leases waited for"
        result.say("From the last kill to the last mail", f"{settled:.0f} s ({how})")
        ledger.check(rig, book, result)
    file.check(result)
    return result


ATTACK = Attack(
    name="crashes",
    title="6. kill -9 of workers and servers at points left to chance",
    must_hold=(
        "each request that was answered “sent” leads to one mail, each answered log-in has its event and lasts, each "
        "answered change of a password holds, no change is there by half, an import goes on where it was left, and a "
        "person is let in within 30 seconds of each kill."
    ),
    estimate="half an hour",
    run=run,
)
