"""What an attack is, and what comes of one."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.attacks.rig import Rig


@dataclasses.dataclass
class Result:
    """What was measured or counted, in words and in their order, and what should hold and does not."""

    figures: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    broken: list[str] = dataclasses.field(default_factory=list)

    def say(self, what: str, value: object) -> None:
        """Add a figure, and show it at once: an attack may take hours."""
        shown = f"{value:,}" if isinstance(value, int) else str(value)
        self.figures.append((what, shown))
        print(f"    {what}: {shown}", flush=True)

    def must(self, holds: bool, otherwise: str) -> None:
        """Note what is wrong where something does not hold."""
        if not holds:
            self.broken.append(otherwise)
            print(f"    DOES NOT HOLD: {otherwise}", flush=True)


@dataclasses.dataclass(frozen=True)
class Attack:
    """An attack: its name on the command line, a title, what must hold, and what does it with a share of the numbers.

    `estimate` is how long the whole takes on two cores, in words. `cheap_hash` and `planting` say which rig it takes.
    """

    name: str
    title: str
    must_hold: str
    estimate: str
    run: Callable[[Rig, float], Result]
    cheap_hash: bool = True
    planting: bool = False
    # Whether the portal writes down what reaches it (bench/attacks/witness.py).
    witnessed: bool = False
    # Whether there is a Care Identity (bench/attacks/care_identity.py).
    care_identity: bool = False
    # Whether the database is on a small disk of its own (bench/attacks/disk.py), which takes root.
    small_disk: bool = False


def scaled(number: int, share: float, *, least: int = 1) -> int:
    """Return a share of a number, and no less than `least`."""
    return max(least, round(number * share))
