"""Many browsers at once, for a bounded time."""

from __future__ import annotations

import dataclasses
import itertools
import statistics
import threading
import time
from collections.abc import Callable, Iterator

from bench.browser import Browser


@dataclasses.dataclass(frozen=True, slots=True)
class Load:
    """What came of a load: how many were done, how fast, and how long each took (seconds)."""

    done: int
    seconds: float
    took: list[float]

    @property
    def per_second(self) -> float:
        """How many were done a second."""
        return self.done / self.seconds

    @property
    def median(self) -> float:
        """How long the middle one took, in seconds."""
        return statistics.median(self.took)

    @property
    def slowest_twentieth(self) -> float:
        """How long nineteen of twenty took at most, in seconds."""
        return statistics.quantiles(self.took, n=20)[-1]


def run(*, port: int, browsers: int, seconds: float, visit: Callable[[Browser, int], None]) -> Load:
    """Let so many browsers `visit` again and again for so many seconds; each visit is given a number of its own.

    Raises what a visit raises: a load in which something fails measures nothing.
    """
    numbers = itertools.count()
    took: list[float] = []
    failed: list[BaseException] = []
    stop_at = time.perf_counter() + seconds

    def go_on(which: int, turns: Iterator[int]) -> None:
        browser = Browser(port, f"10.1.{which // 250}.{which % 250 + 1}")
        try:
            while not failed and time.perf_counter() < stop_at:
                began = time.perf_counter()
                visit(browser, next(turns))
                took.append(time.perf_counter() - began)
        except Exception as error:  # noqa: BLE001 - raised again below, in the thread that asked.
            failed.append(error)
        finally:
            browser.close()

    threads = [threading.Thread(target=go_on, args=(which, numbers)) for which in range(browsers)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return Load(done=len(took), seconds=time.perf_counter() - began, took=took)
