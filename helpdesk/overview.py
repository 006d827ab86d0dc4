"""What the overview shows: the last days in numbers, read from the counts of the days and never from events."""

from __future__ import annotations

import dataclasses
import datetime
from collections import Counter
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.formats import date_format

from accounts.services import counting, daily_counts
from helpdesk import count_names
from helpdesk.services import people_counts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from accounts.models import Organisation

DAYS = 30
# Of a hundred people whose form matched, so many get in with the mail that it led to (the portal's own goal).
GOAL = 95
# Causes and calls on the page; the CSV has all.
MOST_CAUSES = 8
_A_DAY = datetime.timedelta(days=1)


@dataclasses.dataclass(frozen=True, slots=True)
class Figure:
    """One number of one chart or table, in words."""

    words: str
    number: int


@dataclasses.dataclass(frozen=True, slots=True)
class Recoveries:
    """How far those came who asked to be let back in. Whoever asked in the last two days may still be on the way."""

    steps: Sequence[Figure]
    back_in: int
    # Of the days that have settled: those who were mailed a way in, and those of them who were in within a day.
    settled_mailed: int
    settled_back_in: int
    settled_until: datetime.date

    @property
    def share(self) -> int | None:
        """The percentage of those who were mailed and were in within a day, rounded down; None where there are none."""
        return 100 * self.settled_back_in // self.settled_mailed if self.settled_mailed else None

    @property
    def keeps_the_goal(self) -> bool:
        """Whether as many got in as should."""
        return self.share is None or self.share >= GOAL


@dataclasses.dataclass(frozen=True, slots=True)
class Speed:
    """Within how many minutes half of the people, and nine of ten, were in; None where none was."""

    half: int | None
    nine_of_ten: int | None
    buckets: Sequence[Figure]


@dataclasses.dataclass(frozen=True, slots=True)
class People:
    """Who has a second step, as it was counted on a day."""

    day: datetime.date
    people: int
    second_step: int
    passkey: int

    @property
    def second_step_share(self) -> int:
        """The percentage with a second step, rounded down."""
        return 100 * self.second_step // self.people if self.people else 0

    @property
    def passkey_share(self) -> int:
        """The percentage with a passkey, rounded down."""
        return 100 * self.passkey // self.people if self.people else 0


class Overview:
    """The counts of the last DAYS days of one organisation, or of all where it is None. Three queries."""

    def __init__(self, *, organisation: Organisation | None) -> None:
        today = timezone.localdate()
        self.days = [today - n * _A_DAY for n in reversed(range(DAYS))]
        first = self.days[0]
        self._counts = daily_counts.by_day(organisation=organisation, first=first, last=today)
        self._stuffed = daily_counts.of_portal(first=today - _A_DAY, last=today, what=counting.STUFFED)
        self.counted_at = daily_counts.counted_at(day=today)

    def of(self, day: datetime.date) -> Mapping[str, int]:
        """Return the counts of one day, by what was counted."""
        return self._counts.get(day, {})

    def series(self, *beginnings: str) -> list[Figure]:
        """Return for each day how often that happened whose name begins so."""
        return [Figure(date_format(day, "j M"), self._on(day, beginnings)) for day in self.days]

    def total(self, *beginnings: str, days: Iterable[datetime.date] | None = None) -> int:
        """Return how often that happened whose name begins so."""
        return sum(self._on(day, beginnings) for day in (self.days if days is None else days))

    def top(self, beginning: str) -> list[Figure]:
        """Return what happened most often of all whose name begins so, in words, MOST_CAUSES at most."""
        found: Counter[str] = Counter()
        for counts in self._counts.values():
            found.update({what: number for what, number in counts.items() if what.startswith(beginning)})
        by_words: Counter[str] = Counter()
        for what, number in found.items():
            by_words[count_names.in_words(what)] += number
        return [Figure(words, number) for words, number in by_words.most_common(MOST_CAUSES)]

    def recoveries(self) -> Recoveries:
        """Return how far those came who asked to be let back in."""
        settled = self.days[:-2]
        return Recoveries(
            steps=[Figure(count_names.in_words(step), self.total(step)) for step in counting.STEPS],
            back_in=self.total(counting.BACK_IN),
            settled_mailed=self.total(counting.MAILED, days=settled),
            settled_back_in=self.total(counting.BACK_IN, days=settled),
            settled_until=settled[-1],
        )

    def speed(self) -> Speed:
        """Return how long it took from asking to being in."""
        numbers = [
            sum(self.of(day).get(f"{counting.WITHIN}{most}", 0) for day in self.days) for most in counting.BUCKETS
        ]
        return Speed(
            half=_within(numbers, 50),
            nine_of_ten=_within(numbers, 90),
            buckets=[
                Figure(count_names.within(most), number) for most, number in zip(counting.BUCKETS, numbers, strict=True)
            ],
        )

    def people(self) -> People | None:
        """Return who has a second step, as of the last day on which that was counted, or None."""
        beginning = daily_counts.OF_PEOPLE
        for day in reversed(self.days):
            counts = self.of(day)
            if f"{beginning}{people_counts.ALL}" in counts:
                return People(
                    day=day,
                    people=counts[f"{beginning}{people_counts.ALL}"],
                    second_step=counts.get(f"{beginning}{people_counts.SECOND_STEP}", 0),
                    passkey=counts.get(f"{beginning}{people_counts.PASSKEY}", 0),
                )
        return None

    def sprayed(self) -> int:
        """Return how many people were tried today or yesterday from a network that tries many usernames."""
        return max(self.of(day).get(counting.SPRAYED, 0) for day in self.days[-2:])

    def stuffed(self) -> int:
        """Return how many unknown usernames were tried in the worst hour of today and yesterday, in the portal."""
        return max(self._stuffed.values(), default=0)

    def _on(self, day: datetime.date, beginnings: tuple[str, ...]) -> int:
        return sum(number for what, number in self.of(day).items() if what.startswith(beginnings))


def _within(numbers: Sequence[int], share: int) -> int | None:
    """Return the minutes within which `share` of a hundred were in: the most of the bucket that they end in."""
    whole, so_far = sum(numbers), 0
    for most, number in zip(counting.BUCKETS, numbers, strict=True):
        so_far += number
        if whole and so_far * 100 >= whole * share:
            return most
    return None
