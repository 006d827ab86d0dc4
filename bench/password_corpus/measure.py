"""Measures which passwords of the corpus are refused, by ours, by Django's validators and by zxcvbn alone."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from django.contrib.auth.password_validation import CommonPasswordValidator, NumericPasswordValidator
from django.core.exceptions import ValidationError
from zxcvbn import zxcvbn

from accounts.models import User
from accounts.services import password_policy
from bench.password_corpus import dressed, good, people
from bench.password_corpus.split import Half

TUNING_SEED, HELD_OUT_SEED = 11, 4_711
# zxcvbn takes a second for longer ones, and raises an error for ones over 72.
LONGEST_FOR_ZXCVBN = 40
SLOW = 0.005
PERSONAL = "words of the person"


@dataclass
class Tally:
    """How many passwords of one kind there were, how many each way refused, and which were judged wrongly."""

    kind: str
    dressed_up: bool
    number: int = 0
    refused: int = 0
    surprises: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    others: dict[str, list[bool]] = field(default_factory=dict)

    def share(self) -> float:
        """Return the share of refused ones in percent."""
        return 100 * self.refused / self.number

    def share_of(self, other: str) -> float:
        """Return the share that another way would have refused, in percent."""
        return 100 * sum(self.others[other]) / len(self.others[other])


def measure(*, half: Half, each: int, dressed_up: bool, others: int = 0, timed: bool = True) -> list[Tally]:
    """Return a tally of each kind, of `each` passwords; the first `others` of them are shown to the others too.

    Each is read once more, or three times, to take the time, unless it is not `timed`.
    """
    chance = random.Random(HELD_OUT_SEED if half is Half.HELD_OUT else TUNING_SEED)  # noqa: S311
    tallies = []
    for kind, make in (dressed.KINDS if dressed_up else good.KINDS).items():
        tally = Tally(kind, dressed_up)
        for _ in range(each):
            _count(tally, make(chance, half), people.person(chance, half), others, timed=timed)
        tallies.append(tally)
    if dressed_up:
        personal = Tally(PERSONAL, dressed_up)
        for _ in range(each):
            who = people.person(chance, half)
            _count(personal, people.made_of_own_words(chance, half, who), who, others, timed=timed)
        tallies.append(personal)
    return tallies


def _count(tally: Tally, password: str, who: User, others: int, *, timed: bool) -> None:
    broken = password_policy.broken_rules(password=password, user=who)
    if timed:
        tally.seconds.append(processor_time(password, who))
    tally.number += 1
    tally.refused += bool(broken)
    if bool(broken) is not tally.dressed_up:
        tally.surprises.append(password)
    if tally.number <= others:
        for other, refuses in OTHERS.items():
            tally.others.setdefault(other, []).append(refuses(password))


def processor_time(password: str, who: User | None) -> float:
    """Return the seconds that the rules take; a slow one is asked thrice, as the machine may be busy."""
    fastest = 1.0
    for _ in range(3):
        began = time.thread_time()
        password_policy.broken_rules(password=password, user=who)
        fastest = min(fastest, time.thread_time() - began)
        if fastest < SLOW:
            break
    return fastest


def _django_refuses(password: str) -> bool:
    for validator in (CommonPasswordValidator(), NumericPasswordValidator()):
        try:
            validator.validate(password)
        except ValidationError:
            return True
    return False


def _zxcvbn_below(score: int) -> Callable[[str], bool]:
    def refuses(password: str) -> bool:
        result: dict[str, int] = zxcvbn(password[:LONGEST_FOR_ZXCVBN])  # type: ignore[no-untyped-call]
        return result["score"] < score

    return refuses


OTHERS: dict[str, Callable[[str], bool]] = {
    "Django": _django_refuses,
    "zxcvbn < 3": _zxcvbn_below(3),
    "zxcvbn < 4": _zxcvbn_below(4),
}


def share(tallies: Iterable[Tally]) -> float:
    """Return the share of refused ones in several kinds, in percent."""
    tallies = list(tallies)
    return 100 * sum(t.refused for t in tallies) / sum(t.number for t in tallies)
