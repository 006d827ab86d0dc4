"""How fast pages are while attackers guess, or ask for pages: `python -m bench.guessers`. Takes two minutes.

Each guesser sends one wrong password after the other, for names that no person has, and minds no page that asks it to
wait. They have a process of their own, so that what is measured does not wait for them inside Python, and one of low
priority: in truth they are far away and take none of the server's cores.
"""

from __future__ import annotations

import collections
import os
import platform
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable

from bench import portal
from bench.browser import Browser, Unexpected

COUNTS = (16, 64)
# Connections of one address that only asks for pages.
READERS = 32
SECONDS = 4.0
# Until every guesser is at it, and the server has made its connections.
FIRST = 3.0
WRONG = "not the right one"
PAGES = {"front page": "/", "recovery form": "/recovery/"}
FEWEST = 2
# Between two pages of the person who only reads.
PAUSE = 0.02


def main() -> None:
    """Measure the pages alone and beside guessers, in the same minute, and print how many times as long they take."""
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, PostgreSQL, granian\n")
    with portal.database(), portal.server() as server:
        for count in COUNTS:
            _compare(server.port, what=f"{count} guessers", attack="guess", count=count)
        _compare(server.port, what=f"{READERS} connections of one address", attack="ask_for_pages", count=READERS)


def _compare(port: int, *, what: str, attack: str, count: int) -> None:
    """Measure the pages alone and beside one attack, and print both."""
    alone = _read(port)
    attackers = _start(port, attack, count)
    beside = _read(port)
    print(f"{what}: {_answers(attackers)}")
    for page in PAGES:
        times = statistics.median(beside[page]) / statistics.median(alone[page])
        print(f"  {page:<16}{_ms(alone[page])} alone, {_ms(beside[page])} beside them: {times:.1f} x")


def _ms(seconds: list[float]) -> str:
    middle, twentieth = statistics.median(seconds), statistics.quantiles(seconds, n=20)[-1]
    return f"{middle * 1000:.1f} ms (slowest twentieth {twentieth * 1000:.1f} ms)"


def _start(port: int, attack: str, count: int) -> subprocess.Popen[str]:
    lasts = FIRST + SECONDS * len(PAGES)
    command = [sys.executable, "-m", "bench.guessers", attack, str(port), str(count), str(lasts)]
    attackers = subprocess.Popen(command, cwd=portal.ROOT, stdout=subprocess.PIPE, text=True)
    time.sleep(FIRST)
    return attackers


def _read(port: int) -> dict[str, list[float]]:
    """Return how many seconds each opening of each page took, on a connection of its own: any worker may get it."""
    took: dict[str, list[float]] = {}
    for page, path in PAGES.items():
        seconds: list[float] = []
        end = time.perf_counter() + SECONDS
        while time.perf_counter() < end or len(seconds) < FEWEST:
            began = time.perf_counter()
            browser = Browser(port, "10.2.0.1")
            browser.open(path)
            seconds.append(time.perf_counter() - began)
            browser.close()
            time.sleep(PAUSE)
        took[page] = seconds
    return took


def _answers(attackers: subprocess.Popen[str]) -> str:
    said, _ = attackers.communicate(timeout=60)
    return said.strip()


def guess(*, port: int, count: int, seconds: float) -> collections.Counter[int]:
    """Let `count` guessers guess for so many seconds; return how often each status was answered."""
    answered: collections.Counter[int] = collections.Counter()
    end = time.perf_counter() + seconds

    def go_on(number: int) -> None:
        browser = Browser(port, f"10.3.{number // 250}.{number % 250 + 1}")
        form = browser.get("/log-in/")
        tries = 0
        while time.perf_counter() < end:
            tries += 1
            try:
                # Nine for each name, which locks none.
                answer = browser.post("/log-in/", form, username=f"999GUESS{number}X{tries // 9}", password=WRONG)
            except (OSError, Unexpected):
                browser.close()
                browser = Browser(port, f"10.3.{number // 250}.{number % 250 + 1}")
                form = browser.get("/log-in/")
            else:
                answered[answer.status] += 1

    _all_at_once(go_on, count)
    return answered


def ask_for_pages(*, port: int, count: int, seconds: float) -> collections.Counter[int]:
    """Let `count` connections of one address ask for the hub so many seconds; return how often each was answered."""
    answered: collections.Counter[int] = collections.Counter()
    end = time.perf_counter() + seconds

    def go_on(number: int) -> None:
        browser = Browser(port, "10.4.0.1")
        while time.perf_counter() < end:
            answered[browser.get("/").status] += 1

    _all_at_once(go_on, count)
    return answered


def _all_at_once(go_on: Callable[[int], None], count: int) -> None:
    threads = [threading.Thread(target=go_on, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


ATTACKS = {"guess": guess, "ask_for_pages": ask_for_pages}

if __name__ == "__main__":
    if len(sys.argv) > 1:
        lasts = float(sys.argv[4])
        os.nice(10)
        counted = ATTACKS[sys.argv[1]](port=int(sys.argv[2]), count=int(sys.argv[3]), seconds=lasts)
        print(", ".join(f"{times / lasts:.1f} answers {status} a second" for status, times in sorted(counted.items())))
    else:
        main()
