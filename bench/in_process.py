"""What a log-in costs beyond its password hash: `python -m bench.in_process [sqlite] [profile]`.

Form, post and My ESR by the application that the web server loads, called in this process: processor time, without the
network and the server. The hash is computed by the same function with the portal's settings, between the log-ins.
"""

from __future__ import annotations

import cProfile
import dataclasses
import json
import logging
import pstats
import statistics
import sys
import time
from typing import TYPE_CHECKING

from bench import hashing, portal
from bench.browser import InProcess

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.browser import Answer

TRIES = 100
# Compiles every template, and fills every cache.
WARM_UP = 10
LOG_IN = ("form", "right password", "My ESR")


@dataclasses.dataclass(frozen=True, slots=True)
class Costs:
    """Processor time in milliseconds, the middle of TRIES: of a hash alone, and of each request."""

    hash: float
    of: dict[str, float]

    @property
    def log_in(self) -> float:
        """What the three requests of a log-in cost together."""
        return sum(self.of[name] for name in LOG_IN)


def requests(number: int) -> list[tuple[str, Callable[[], Answer], int]]:
    """Return what is measured, in its order, for the person with this number: name, request, and expected status."""
    from esr_portal.wsgi import application

    browser, other = (InProcess(application, f"10.3.{which}.{number % 250 + 1}") for which in (0, 1))
    form: list[Answer] = []

    def opened(browser: InProcess) -> Answer:
        form[:] = [browser.get("/log-in/")]
        return form[0]

    def sent(browser: InProcess, password: str) -> Answer:
        return browser.post("/log-in/", form[0], username=portal.username(number), password=password)

    return [
        ("hub", lambda: other.get("/"), 200),
        ("recovery form", lambda: other.get("/recovery/"), 200),
        ("form again", lambda: opened(other), 200),
        ("wrong password", lambda: sent(other, "wrong"), 200),
        ("form", lambda: opened(browser), 200),
        ("right password", lambda: sent(browser, portal.PASSWORD), 302),
        ("My ESR", lambda: browser.get("/my-esr/"), 200),
    ]


_HASH: tuple[str, Callable[[], Answer | None], int | None] = ("hash", hashing.once, None)


def measure(
    profile: cProfile.Profile | None = None, *, clock: Callable[[], float] = time.process_time, first: int = 0
) -> Costs:
    """Return what each request costs on the database that Django is set up on; `profile` gets those of a log-in.

    `clock` counts seconds: of processor time, or another. `first` is the number of the first person who logs in.
    """
    took: dict[str, list[float]] = {}
    for number in range(WARM_UP + TRIES):
        for name, request, expected in [_HASH, *requests(first + number)]:
            profiled = profile if profile and number >= WARM_UP and name in LOG_IN else None
            before = clock()
            if profiled:
                profiled.enable()
            answer = request()
            if profiled:
                profiled.disable()
            took.setdefault(name, []).append((clock() - before) * 1000)
            if answer is not None and answer.status != expected:
                sys.exit(f"{name}: answered {answer.status}")
    middle = {name: statistics.median(times[WARM_UP:]) for name, times in took.items()}
    return Costs(hash=middle.pop("hash"), of=middle)


def table(costs: Costs) -> list[list[str]]:
    """Return the costs in words: a row for the head, then one each."""
    hashed = {"right password", "wrong password"}
    rows = [[name, f"{cost - costs.hash * (name in hashed):.2f} ms"] for name, cost in costs.of.items()]
    share = costs.hash / costs.log_in
    return [
        ["", "processor time"],
        ["the hash", f"{costs.hash:.2f} ms"],
        *rows,
        ["whole log-in beyond the hash", f"{costs.log_in - costs.hash:.2f} ms"],
        ["share of the hash", f"{share:.2f}"],
    ]


def main() -> None:
    """Print what each request costs beyond the hash, and its share; with `table` the same as JSON."""
    profile = cProfile.Profile() if "profile" in sys.argv else None
    kind = "sqlite" if "sqlite" in sys.argv else "postgresql"
    with portal.database(kind):
        logging.disable(logging.INFO)
        rows = table(measure(profile))
        from django.db import connection

        connection.close()
    if "table" in sys.argv:
        print(json.dumps(rows))
        return
    print(kind)
    for name, cost in rows:
        print(f"  {name:30}{cost:>16}")
    if profile:
        statistics_ = pstats.Stats(profile)
        statistics_.sort_stats("cumulative").print_stats(90)
        statistics_.sort_stats("tottime").print_stats(50)


if __name__ == "__main__":
    main()
