"""Others who guess meanwhile, in a process of their own: `python -m bench.attacks.guessers PORT`."""

from __future__ import annotations

import os
import ssl
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bench.attacks.visitor import Unexpected, Visitor, address

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.attacks.rig import Rig

GUESSERS = 4
# Seconds between two guesses of each: a load, and no flood in which every answer is "busy".
BETWEEN = 0.2
# They end by themselves where what started them does not end them.
LONGEST = 6 * 3600


class _Door:
    def __init__(self, port: int) -> None:
        self.port = port
        # This process is told a port and no certificate; what it sends is no secret.
        self.context = ssl._create_unverified_context()  # noqa: S323, SLF001


@contextmanager
def beside(rig: Rig) -> Iterator[None]:
    """Let them guess until the block ends."""
    process = subprocess.Popen([sys.executable, "-m", "bench.attacks.guessers", str(rig.port)])
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=30)


def _go_on(door: _Door, number: int, until: float) -> None:
    tries = 0
    while time.monotonic() < until:
        try:
            visitor = Visitor(door, address=address(1000 + number))
            form = visitor.open("/log-in/")
            while time.monotonic() < until:
                # Nine for each name, which locks none.
                name = f"999GUESS{number}X{tries // 9}"
                visitor.post("/log-in/", form, username=name, password="a guess")  # noqa: S106 - a wrong one.
                tries += 1
                time.sleep(BETWEEN)
        except (OSError, Unexpected):
            time.sleep(BETWEEN)


def main(port: int) -> None:
    """Guess until ended."""
    os.nice(5)
    until = time.monotonic() + LONGEST
    threads = [threading.Thread(target=_go_on, args=(_Door(port), number, until)) for number in range(GUESSERS)]
    for thread in threads:
        thread.daemon = True
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main(int(sys.argv[1]))
