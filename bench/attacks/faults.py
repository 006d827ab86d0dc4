"""What stops, hangs or is killed, and what starts it again: as systemd does with deploy/'s units, and nothing more."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bench.processes import family

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

    from bench.attacks.rig import Program, Rig

# Seconds. RestartSec of the units.
RESTART_AFTER = 2.0
BACK_WITHIN = 30.0


@contextmanager
def supervised(rig: Rig) -> Iterator[None]:
    """Start again what ends, until the block ends, with all that is left of it killed, as systemd's units are."""
    over = threading.Event()
    watching = [threading.Thread(target=_watch, args=(program, over)) for program in [*rig.servers, *rig.workers]]
    for thread in watching:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in watching:
            thread.join()


def _watch(program: Program, over: threading.Event) -> None:
    while not over.wait(0.1):
        if not program.is_running:
            program.kill_group()
            if not over.wait(RESTART_AFTER):
                program.start()


def kill_something(rig: Rig, chance: random.Random) -> str:
    """Kill a worker, a process of a server, a whole server, or all of them at once; return which."""
    what = chance.choices(["worker", "process of a server", "server", "all at once"], weights=[40, 30, 20, 10])[0]
    if what == "worker":
        _kill(chance.choice(rig.workers).pid)
    elif what == "process of a server":
        children = [pid for server in rig.servers for pid in family(server.pid)[1:]]
        if children:
            _kill(chance.choice(children))
    elif what == "server":
        _kill(chance.choice(rig.servers).pid)
    else:
        for program in [*rig.servers, *rig.workers]:
            program.kill_group()
    return what


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def wait_until_ready(rig: Rig, *, within: float) -> bool:
    """Wait until both servers and all workers are there; return whether they are."""
    until = time.monotonic() + within
    while time.monotonic() < until:
        everything = [*rig.servers, *rig.workers]
        if all(program.is_running for program in everything) and all(_answers(server) for server in rig.servers):
            return True
        time.sleep(0.1)
    return False


def _answers(server: Program) -> bool:
    from bench.attacks.rig import Ended

    with contextlib.suppress(Ended):
        return server.answers()
    return False
