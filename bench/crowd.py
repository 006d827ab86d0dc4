"""Many browsers that log in at the same moment: `python -m bench.crowd [sqlite] [BROWSERS …]`. Takes some minutes.

Each opens the form, sends it and lands on My ESR; where the server is busy it waits for as long as it is told, and does
it again. All begin at once, in a process of their own. Meanwhile another browser reads the front page and the recovery
form, and asks to begin a log-in with a passkey, each time on a new connection. Nothing but this machine is talked to.

How the server runs can be tried with granian's variables, as GRANIAN_WORKERS=1 GRANIAN_BLOCKING_THREADS=60.
"""

from __future__ import annotations

import collections
import dataclasses
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from typing import TYPE_CHECKING

from bench import portal, processes
from bench.browser import Browser, Unexpected

if TYPE_CHECKING:
    from collections.abc import Callable

COUNTS = (8, 50, 200, 600)
# Log-ins of each measurement at least: few browsers log in several times.
FEWEST = 200
# Seconds after which a browser gives up.
LONGEST = 45.0
# Between two pages of the person who only reads.
PAUSE = 0.05
# Every answer within this many seconds; pages and passkeys within so many milliseconds; memory of 50 at once in MiB.
GOAL, PAGES_GOAL, MEMORY_GOAL = 2.0, 300, 256


@dataclasses.dataclass
class Seen:
    """What the browsers of a crowd saw: seconds that each kind of answer took, and what was not expected."""

    took: dict[str, list[float]] = dataclasses.field(default_factory=lambda: collections.defaultdict(list))
    # Seconds until a browser was in, with its waits.
    until_in: list[float] = dataclasses.field(default_factory=list)
    others: collections.Counter[str] = dataclasses.field(default_factory=collections.Counter)
    seconds: float = 0.0

    def answers(self) -> list[float]:
        """Return how long each answer took, of whatever kind."""
        return [took for kind in self.took.values() for took in kind]


def main(counts: list[int], kind: str) -> None:
    """Measure each crowd, and print what came out."""
    cores = os.cpu_count()
    print(f"{platform.machine()}, {cores} cores, Python {platform.python_version()}, {kind}, granian")
    print(f"load of the machine before: {os.getloadavg()[0]:.1f}; settings: {_settings()}\n")
    with portal.database(kind), portal.server() as server:
        _read(server.port, lambda: False)
        print(f"memory of the server before: {processes.memory(server.pid) / 2**20:.0f} MiB")
        first = 0
        for count in counts:
            _measure(server, count, first)
            first += count * _rounds(count)
        print(f"memory of the server after: {processes.memory(server.pid) / 2**20:.0f} MiB")


def _settings() -> str:
    return ", ".join(f"{name}={value}" for name, value in os.environ.items() if name.startswith("GRANIAN_")) or "ours"


def _rounds(count: int) -> int:
    """Return how often each of so many browsers logs in."""
    return max(1, -(-FEWEST // count))


def _measure(server: portal.Server, count: int, first: int) -> None:
    command = [sys.executable, "-m", "bench.crowd", "log_in", str(server.port), str(count), str(first)]
    # Into a file: a pipe that is not read meanwhile would be full.
    with processes.Peak(server.pid) as peak, tempfile.TemporaryFile("w+") as output:
        crowd = subprocess.Popen(command, cwd=portal.ROOT, stdout=output)
        pages = _read(server.port, lambda: crowd.poll() is None)
        output.seek(0)
        said = json.load(output)
    seen = Seen(took=said["took"], until_in=said["until_in"], others=said["others"], seconds=said["seconds"])
    _print_crowd(count, seen, peak.bytes)
    for page, took in pages.items():
        _print(page, f"{_ms(took)} (goal {PAGES_GOAL} ms)")


def _print_crowd(count: int, seen: Seen, memory: int) -> None:
    answers, busy, sent = seen.answers(), len(seen.took.get("busy", [])), len(seen.took.get("in", []))
    print(f"\n{count} browsers at once, each {_rounds(count)} times")
    _print("in, of log-ins", f"{len(seen.until_in)} of {count * _rounds(count)} in {seen.seconds:.1f} s")
    _print("log-ins a second", f"{len(seen.until_in) / seen.seconds:.1f}")
    _print("until in, waits and all", _ms(seen.until_in))
    _print("every answer", f"{_ms(answers)} (goal {GOAL * 1000:.0f} ms)")
    for kind, took in sorted(seen.took.items()):
        _print(f"  {kind}", f"{_ms(took)}, {len(took)} answers")
    _print("busy, of forms sent", f"{busy / max(1, busy + sent):.0%}")
    _print("other answers (goal none)", ", ".join(f"{what}: {times}" for what, times in seen.others.items()) or "none")
    _print("most memory of the server", f"{memory / 2**20:.0f} MiB (goal with 50: {MEMORY_GOAL})")


def _print(what: str, value: str) -> None:
    print(f"  {what:<28}{value}", flush=True)


def _ms(took: list[float]) -> str:
    if len(took) < 2:
        return "too few"
    middle, hundredth = statistics.median(took), statistics.quantiles(took, n=100)[-1]
    slowest = max(took)
    return f"median {middle * 1000:.0f}, p99 {min(hundredth, slowest) * 1000:.0f}, slowest {slowest * 1000:.0f} ms"


# The person who is not part of the crowd ------------------------------------------------------------------------------


def _read(port: int, goes_on: Callable[[], bool]) -> dict[str, list[float]]:
    """Return how long each page took, one after the other, at least once and for as long as it goes on."""
    took: dict[str, list[float]] = collections.defaultdict(list)
    while True:
        for page, path in (("front page", "/"), ("recovery form", "/recovery/")):
            began = time.perf_counter()
            browser = Browser(port, "10.2.0.1")
            browser.open(path)
            took[page].append(time.perf_counter() - began)
            browser.close()
        took["a passkey's begin"].append(_begin_with_a_passkey(port))
        if not goes_on():
            return took
        time.sleep(PAUSE)


def _begin_with_a_passkey(port: int) -> float:
    before = Browser(port, "10.2.0.2")
    page = before.open("/log-in/")
    before.close()
    began = time.perf_counter()
    browser = Browser(port, "10.2.0.2")
    browser.cookies = before.cookies
    answer = browser.post("/passkeys/log-in/begin/", page)
    took = time.perf_counter() - began
    browser.close()
    if answer.status != 200:
        msg = f"a passkey's begin answered {answer.status}"
        raise Unexpected(msg)
    return took


# The crowd, in a process of its own -----------------------------------------------------------------------------------


def crowd(*, port: int, count: int, first: int) -> Seen:
    """Let `count` browsers log in at once as the people from number `first` on; return what they saw."""
    seen, together = Seen(), threading.Barrier(count + 1)
    rounds = _rounds(count)

    def go_on(which: int) -> None:
        together.wait()
        end = time.perf_counter() + LONGEST
        for number in range(rounds):
            person = portal.username(first + which * rounds + number)
            _get_in(port, f"10.1.{which // 250}.{which % 250 + 1}", person, end, seen)

    threads = [threading.Thread(target=go_on, args=(which,)) for which in range(count)]
    for thread in threads:
        thread.start()
    together.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    seen.seconds = time.perf_counter() - began
    return seen


def _get_in(port: int, address: str, person: str, end: float, seen: Seen) -> None:
    """Log in, and come back as often as the server says so, until `end`."""
    began = time.perf_counter()
    while time.perf_counter() < end:
        try:
            wait = _try_to_get_in(port, address, person, seen)
        except (OSError, Unexpected) as problem:
            seen.others[str(problem)] += 1
            return
        if not wait:
            seen.until_in.append(time.perf_counter() - began)
            return
        time.sleep(max(0.0, min(wait, end - time.perf_counter())))
    seen.others["not in when the time was up"] += 1


def _try_to_get_in(port: int, address: str, person: str, seen: Seen) -> int:
    """Open the form, send it, and open My ESR; return how many seconds to wait where it was busy, else 0."""

    def timed(kind: str, began: float) -> float:
        now = time.perf_counter()
        seen.took[kind].append(now - began)
        return now

    began = time.perf_counter()
    browser = Browser(port, address)
    try:
        form = browser.open("/log-in/")
        sent = timed("form", began)
        answer = browser.post("/log-in/", form, username=person, password=portal.PASSWORD)
        if answer.status == 503 and answer.retry_after:
            timed("busy", sent)
            return answer.retry_after
        landed = timed("in", sent)
        if answer.status != 302 or answer.location != "/my-esr/":
            msg = f"the log-in answered {answer.status} {answer.location}"
            raise Unexpected(msg)
        if b"Log out" not in browser.open(answer.location).body:
            msg = "My ESR without a person"
            raise Unexpected(msg)
        timed("My ESR", landed)
    finally:
        browser.close()
    return 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["log_in"]:
        port, count, first = map(int, sys.argv[2:5])
        print(json.dumps(vars(crowd(port=port, count=count, first=first))))
    else:
        asked = [int(argument) for argument in sys.argv[1:] if argument.isdigit()]
        main(asked or list(COUNTS), "sqlite" if "sqlite" in sys.argv else "postgresql")
