"""How well two samples of times can be told apart: the area under the ROC curve, with its interval."""

from __future__ import annotations

import dataclasses
import statistics
from collections.abc import Sequence

# Both ends of the interval of 90 %.
NINETY = statistics.NormalDist().inv_cdf(0.95)


@dataclasses.dataclass(frozen=True, slots=True)
class AUC:
    """How often a time of one sample is the longer one, of it and one of the other: 0.5 where nothing tells them apart.

    `spread` is its standard deviation where both are of one thing.
    """

    value: float
    spread: float

    def interval(self, z: float = NINETY) -> tuple[float, float]:
        """Return the interval of so many standard deviations to each side; 90 % where nothing is said."""
        return self.value - z * self.spread, self.value + z * self.spread

    def __str__(self) -> str:
        low, high = self.interval()
        return f"{self.value:.3f} ({low:.3f} to {high:.3f})"


def auc(one: Sequence[float], other: Sequence[float]) -> AUC:
    """Return how often a value of `one` is above one of `other` (Mann and Whitney's U by n and m); a tie is half."""
    n, m = len(one), len(other)
    ranked = sorted([(value, True) for value in one] + [(value, False) for value in other])
    rank_sum, first = 0.0, 0
    while first < n + m:
        last = first
        while last + 1 < n + m and ranked[last + 1][0] == ranked[first][0]:
            last += 1
        # Ties share the middle of their ranks, which begin at 1.
        middle = (first + last) / 2 + 1
        rank_sum += middle * sum(is_one for _, is_one in ranked[first : last + 1])
        first = last + 1
    return AUC((rank_sum - n * (n + 1) / 2) / (n * m), ((n + m + 1) / (12 * n * m)) ** 0.5)
