"""The portal beside log-ins as they come, in turn on one machine: `python -m bench.side_by_side [sqlite] [rounds=3]`.

Bare argon2id, django-allauth's log-in, Django's own and the portal, with the same hash, the same server and the same
kind of database. What differs is said in docs/benchmarks.md.
"""

from __future__ import annotations

import dataclasses
import json
import os
import statistics
import sys
from typing import TYPE_CHECKING

from bench import hashing, load, portal, processes
from bench.browser import PORTALS, Browser, Way
from bench.stock import server as stock

if TYPE_CHECKING:
    from collections.abc import Callable

CORES = os.cpu_count() or 1
# Enough that the server always has something to do, on any core.
BROWSERS = 8 * CORES
LOG_IN_SECONDS = 10.0
PAGE_SECONDS = 4.0
ROUNDS = 3
WAYS = {"django-allauth": stock.ALLAUTH, "Django's LoginView": stock.DJANGO, "the portal": PORTALS}
HASH = "bare argon2id"


@dataclasses.dataclass(slots=True)
class Figures:
    """What was measured of one way to log in, a value each round."""

    # Of whole log-ins: form, post, and the page that follows.
    per_second: list[float] = dataclasses.field(default_factory=list)
    cpu_ms: list[float] = dataclasses.field(default_factory=list)
    # Requests a second, by page.
    pages: dict[str, list[float]] = dataclasses.field(default_factory=dict)


def measure(kind: str, rounds: int = ROUNDS) -> dict[str, Figures]:
    """Return the figures of each way on this kind of database, and of the bare hash."""
    figures = {name: Figures() for name in (HASH, *WAYS)}
    with portal.database(kind), stock.server(kind) as stocks, portal.server() as portals:
        servers = {way: portals if way is PORTALS else stocks for way in WAYS.values()}
        for way, server in servers.items():
            _log_ins(server, way, seconds=3)
        for _ in range(rounds):
            bare = hashing.per_second()
            figures[HASH].per_second.append(bare.per_second)
            figures[HASH].cpu_ms.append(bare.cpu * 1000)
            for name, way in WAYS.items():
                _round(figures[name], way, servers[way])
    return figures


def _round(figures: Figures, way: Way, server: portal.Server) -> None:
    before = processes.cpu_seconds(server.pid)
    done = _log_ins(server, way, seconds=LOG_IN_SECONDS)
    figures.per_second.append(done.per_second)
    figures.cpu_ms.append((processes.cpu_seconds(server.pid) - before) / done.done * 1000)
    pages = {"form": way.form, **({"hub": "/", "recovery form": "/recovery/"} if way is PORTALS else {})}
    for name, path in pages.items():
        done = load.run(port=server.port, browsers=BROWSERS, seconds=PAGE_SECONDS, visit=_opening(path))
        figures.pages.setdefault(name, []).append(done.per_second)


def _log_ins(server: portal.Server, way: Way, *, seconds: float) -> load.Load:
    def visit(browser: Browser, number: int) -> None:
        browser.log_in(portal.username(number), portal.PASSWORD, way)

    return load.run(port=server.port, browsers=BROWSERS, seconds=seconds, visit=visit)


def _opening(path: str) -> Callable[[Browser, int], None]:
    def visit(browser: Browser, number: int) -> None:
        browser.cookies = {}
        browser.open(path)

    return visit


def table(figures: dict[str, Figures]) -> list[list[str]]:
    """Return the figures in words: a row for the head, then one each, the middle of the rounds."""
    bare, form = figures[HASH], statistics.median(figures["django-allauth"].pages["form"])
    cpu, rate = statistics.median(bare.cpu_ms), statistics.median(bare.per_second)
    rows = [["", "ms of CPU", "share of the hash", "log-ins/s", "÷ bare", "form/s", "÷ allauth's", "hub/s"]]
    for name, found in figures.items():
        own_cpu, own_rate = statistics.median(found.cpu_ms), statistics.median(found.per_second)
        pages = {page: statistics.median(rates) for page, rates in found.pages.items()}
        rows.append(
            [
                name,
                f"{own_cpu:.1f}",
                f"{cpu / own_cpu:.2f}",
                f"{own_rate:.1f}",
                f"{own_rate / rate:.2f}",
                *([f"{pages['form']:.0f}", f"{pages['form'] / form:.1f}"] if pages else ["", ""]),
                f"{pages['hub']:.0f}" if "hub" in pages else "",
            ]
        )
    return rows


def main() -> None:
    """Print the figures, or with `table` the same as JSON."""
    kind = "sqlite" if "sqlite" in sys.argv else "postgresql"
    rounds = next((int(word[7:]) for word in sys.argv if word.startswith("rounds=")), ROUNDS)
    figures = measure(kind, rounds)
    if "table" in sys.argv:
        print(json.dumps(table(figures)))
        return
    print(f"{kind}, {rounds} rounds")
    for row in table(figures):
        print(f"  {row[0]:20}" + "".join(f"{cell:>18}" for cell in row[1:]))


if __name__ == "__main__":
    main()
