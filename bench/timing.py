"""Whether an attacker can tell by the time of a refused log-in that a username is real.

Each kind of refusal is asked for many times, in an order left to chance, each time with a username that was not used
before. Printed, not asserted: a busy machine can always make two kinds look different once.
"""

from __future__ import annotations

import dataclasses
import random
import statistics
import time

from bench import portal
from bench.browser import Browser, Unexpected

TRIES = 150
# A kind, the letters of its usernames, and what is typed as the password.
KINDS = {
    "unknown username": ("NOBODY", "wrong"),
    "wrong password": ("WRONG", "wrong"),
    "right password while locked": ("LOCKED", portal.PASSWORD),
    "right password, not active": ("INACTIVE", portal.PASSWORD),
    "no password yet": ("JOINER", "wrong"),
}
UNKNOWN = "unknown username"


@dataclasses.dataclass(frozen=True, slots=True)
class Refusal:
    """How long one kind of refusal took (seconds, the middle one), and how like the unknown username's times that is.

    `p` is the two-sided p-value of the Mann-Whitney test: how often samples of one thing would differ that much.
    """

    kind: str
    median: float
    p: float


def measure(*, port: int) -> list[Refusal]:
    """Ask for TRIES refusals of each kind, one after the other; return what each took."""
    _make_people()
    took: dict[str, list[float]] = {kind: [] for kind in KINDS}
    order = [(kind, number) for kind in KINDS for number in range(TRIES)]
    random.Random(1).shuffle(order)  # noqa: S311 - an order, no secret.
    browser = Browser(port, "10.2.0.1")
    for kind, number in order:
        letters, password = KINDS[kind]
        browser.cookies = {}
        page = browser.get("/log-in/")
        began = time.perf_counter()
        answer = browser.post("/log-in/", page, username=f"999{letters}{number:05}", password=password)
        took[kind].append(time.perf_counter() - began)
        if answer.status == 302:
            msg = f"{kind}: somebody got in"
            raise Unexpected(msg)
    browser.close()
    return [Refusal(kind, statistics.median(took[kind]), _p_value(took[kind], took[UNKNOWN])) for kind in KINDS]


def _make_people() -> None:
    from accounts.services import lockout

    portal.make_people("WRONG", TRIES)
    portal.make_people("LOCKED", TRIES)
    portal.make_people("INACTIVE", TRIES, is_active=False)
    portal.make_people("JOINER", TRIES, password="!")  # noqa: S106 - Django's mark for "none".
    for number in range(TRIES):
        for _ in range(lockout.LIMIT):
            lockout.record_failure(username=f"999LOCKED{number:05}")


def _p_value(one: list[float], other: list[float]) -> float:
    """Return the two-sided p-value of the Mann-Whitney U test, by the normal approximation (good for 20 and more)."""
    ranked = sorted([(value, True) for value in one] + [(value, False) for value in other])
    rank_sum = sum(rank for rank, (_, is_one) in enumerate(ranked, start=1) if is_one)
    n, m = len(one), len(other)
    u = rank_sum - n * (n + 1) / 2
    spread = (n * m * (n + m + 1) / 12) ** 0.5
    return 2 * statistics.NormalDist().cdf(-abs(u - n * m / 2) / spread)
