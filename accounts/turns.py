"""Waiting for a turn to hash: a bounded number of requests, for a bounded time.

A password hash takes a core for a while, and any browser can ask for one. More at once than there are cores only take
memory and the time of one another, so they take turns. A web server answers from a few threads: if all of them could
wait, attackers who guess would keep every other page from people. So it lets some wait and keeps the others free.
"""

from __future__ import annotations

import dataclasses
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

P = ParamSpec("P")
T = TypeVar("T")

# The cores that this process may use, which in a container can be fewer than the machine has.
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
# What the threads that compute hashes of a web server are nicer by than those that serve pages (sched(7)).
NICER = 5


class Busy(Exception):
    """Too many are waiting, or this one has waited too long. Nothing was looked at, and nothing counted."""


@dataclasses.dataclass(slots=True)
class Turns:
    """How many hash at once; how many may hash or wait for it together, and how many seconds (None: without limit)."""

    at_once: int
    places: int | None = None
    seconds: float | None = None
    # Whether hashes are computed by threads of their own, which let those that serve pages go first.
    gives_way: bool = False
    _pool: ThreadPoolExecutor | None = dataclasses.field(init=False, repr=False, default=None)
    _hashing: threading.Semaphore = dataclasses.field(init=False, repr=False)
    _lock: threading.Lock = dataclasses.field(init=False, repr=False, default_factory=threading.Lock)
    _taken: int = dataclasses.field(init=False, default=0)

    def __post_init__(self) -> None:
        self._hashing = threading.Semaphore(self.at_once)
        if self.gives_way:
            self._pool = ThreadPoolExecutor(max_workers=self.at_once, initializer=_give_way, thread_name_prefix="hash")

    @property
    def are_taken(self) -> bool:
        """Whether the next one would be sent away at once. A look, not a promise."""
        return self.places is not None and self._taken >= self.places

    @contextmanager
    def take(self) -> Iterator[None]:
        """Wait for a turn, and hold it. Raises Busy."""
        with self._lock:
            if self.are_taken:
                raise Busy
            self._taken += 1
        try:
            if not self._hashing.acquire(timeout=self.seconds):
                raise Busy
            try:
                yield
            finally:
                self._hashing.release()
        finally:
            with self._lock:
                self._taken -= 1

    def compute(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what `function` does, a hash, for a caller that holds a turn."""
        if self._pool is None:
            return function(*args, **kwargs)
        return self._pool.submit(function, *args, **kwargs).result()


def _give_way() -> None:
    """Lower the priority of this thread, which on Linux has one of its own; it cannot be raised again."""
    if sys.platform == "linux":
        thread = threading.get_native_id()
        os.setpriority(os.PRIO_PROCESS, thread, os.getpriority(os.PRIO_PROCESS, thread) + NICER)


# Commands and the mail worker wait as long as it takes.
_turns = Turns(at_once=CORES)
_held = threading.local()


def limit(*, at_once: int, places: int, seconds: float) -> None:
    """Set the limits of this web server's process, before it serves: see Turns."""
    use(Turns(at_once=at_once, places=places, seconds=seconds, gives_way=True))


def use(turns: Turns) -> Turns:
    """Let this process take its turns from `turns`; return what it took them from before."""
    global _turns
    before, _turns = _turns, turns
    return before


@contextmanager
def wait() -> Iterator[None]:
    """Wait for this thread's turn to hash, and hold it; inside, it may hash as often as it needs. Raises Busy.

    A service that counts a try takes its turn before, so that nothing is counted where it is sent away.
    """
    if getattr(_held, "one", False):
        yield
        return
    with _turns.take():
        _held.one = True
        try:
            yield
        finally:
            _held.one = False


def compute(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Return what `function` does, a hash, for a thread that holds its turn."""
    return _turns.compute(function, *args, **kwargs)


def are_taken() -> bool:
    """Return whether a request that has to hash would be sent away at once."""
    return _turns.are_taken
