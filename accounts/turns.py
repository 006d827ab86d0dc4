"""The line before the password hash: a bounded number of requests wait for their turn, for a bounded time.

A password hash takes a core for a while and 46 MiB, and any browser can ask for one. More at once than there are cores
only take memory and the time of one another. So a request that may hash takes a place in a line before anything of it
is read or counted (esr_portal/door.py), goes in when its turn comes, and gives its turn to the next one as soon as it
has hashed. A web server answers from a few threads: if all of them could wait, or be at work on what follows a hash,
attackers who guess would keep every other page from people. So there are fewer places than threads, and the other
threads are free.
"""

from __future__ import annotations

import collections
import dataclasses
import os
import queue
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from accounts import figures
from accounts.hash_memory import Memory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")

# The cores that this process may use, which in a container can be fewer than the machine has.
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
# What the threads that compute hashes of a web server are nicer by than those that serve pages (sched(7)).
NICER = 5
# How many of a web server's requests are let in beyond those that hash: a core that is done with a hash finds the next
# request read, and its try counted.
AHEAD = 1


class Busy(Exception):
    """Too many are waiting, or this one has waited too long. Nothing was looked at, and nothing counted."""


@dataclasses.dataclass(slots=True)
class Turns:
    """How many hash at once; how many may wait or be at work together, and how many seconds (None: without limit)."""

    at_once: int
    places: int | None = None
    seconds: float | None = None
    # How many are let in beyond those that hash.
    ahead: int = 0
    # Whether hashes are computed by threads of their own, which let those that serve pages go first.
    gives_way: bool = False
    _pool: ThreadPoolExecutor | None = dataclasses.field(init=False, repr=False, default=None)
    # One for each hash at once. The last one given back is taken first, so that memory is touched as it is needed.
    _memories: queue.LifoQueue[Memory] = dataclasses.field(init=False, repr=False, default_factory=queue.LifoQueue)
    _lock: threading.Lock = dataclasses.field(init=False, repr=False, default_factory=threading.Lock)
    _taken: int = dataclasses.field(init=False, default=0)
    _let_in: int = dataclasses.field(init=False, default=0)
    # A lock for each that waits, in the order in which they came; its turn has come when it is let go.
    _waiting: collections.deque[threading.Lock] = dataclasses.field(
        init=False, repr=False, default_factory=collections.deque
    )

    def __post_init__(self) -> None:
        for _ in range(self.at_once):
            self._memories.put(Memory())
        if self.gives_way:
            self._pool = ThreadPoolExecutor(max_workers=self.at_once, initializer=_give_way, thread_name_prefix="hash")

    @property
    def are_taken(self) -> bool:
        """Whether the next one would be sent away at once. A look, not a promise."""
        return self.places is not None and self._taken >= self.places

    def enter(self) -> Place:
        """Take a place, and wait in the line until the caller is let in; it has to `leave` again. Raises Busy."""
        with self._lock:
            if self.are_taken:
                raise Busy
            self._taken += 1
            called = self._called()
        if not self._wait_for(called):
            with self._lock:
                # Unless it was called in the moment in which it stopped waiting.
                if called in self._waiting:
                    self._waiting.remove(called)
                    self._taken -= 1
                    raise Busy
        return Place(self)

    def _wait_for(self, called: threading.Lock) -> bool:
        """Wait to be called, no longer than may be; return whether it was."""
        if called.acquire(blocking=False):
            figures.HASH_WAIT.observe(0)
            return True
        began = time.perf_counter()
        with figures.HASH_QUEUE.track_inprogress():
            was_called = called.acquire(timeout=-1 if self.seconds is None else self.seconds)
        figures.HASH_WAIT.observe(time.perf_counter() - began)
        return was_called

    def _called(self) -> threading.Lock:
        """Return the lock that a newcomer waits for: free where it is let in at once."""
        called = threading.Lock()
        if self._let_in < self.at_once + self.ahead:
            self._let_in += 1
        else:
            called.acquire()
            self._waiting.append(called)
        return called

    def call_next(self) -> None:
        """Let in the request that has waited longest, in the place of one that has hashed. For Place."""
        with self._lock:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._let_in -= 1

    def give_back(self) -> None:
        """Let a newcomer have the place of one that has left. For Place."""
        with self._lock:
            self._taken -= 1

    @contextmanager
    def take(self) -> Iterator[None]:
        """Wait for a turn, and hold it. Raises Busy."""
        place = self.enter()
        try:
            yield
        finally:
            place.leave()

    def compute(self, function: Callable[[Memory], T]) -> T:
        """Return what `function` does, a hash, with a memory to compute it in, for a caller that was let in."""

        def timed(memory: Memory) -> T:
            with figures.HASH_TIME.time():
                return function(memory)

        memory = self._memories.get()
        try:
            return timed(memory) if self._pool is None else self._pool.submit(timed, memory).result()
        finally:
            self._memories.put(memory)


class Place:
    """The place of a request that was let in, until it is answered, and its turn, until it has hashed."""

    __slots__ = ("_has_the_turn", "_hashing", "_turns")

    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self._has_the_turn = True
        self._hashing = 0

    def pass_on(self) -> None:
        """Give the turn to the next one; nothing where that is done."""
        if self._has_the_turn:
            self._has_the_turn = False
            self._turns.call_next()

    def leave(self) -> None:
        """Give the place back, and the turn."""
        self.pass_on()
        self._turns.give_back()

    @contextmanager
    def hash(self) -> Iterator[None]:
        """Hash as often as is needed, and then pass the turn on. What hashes again waits for a core, and for no turn.

        It was let in, and may have counted: it is not sent away any more.
        """
        self._hashing += 1
        try:
            yield
        finally:
            self._hashing -= 1
            if not self._hashing:
                self.pass_on()


def _give_way() -> None:
    """Lower the priority of this thread, which on Linux has one of its own; it cannot be raised again."""
    if sys.platform == "linux":
        thread = threading.get_native_id()
        os.setpriority(os.PRIO_PROCESS, thread, os.getpriority(os.PRIO_PROCESS, thread) + NICER)


# Commands and the mail worker wait as long as it takes.
_turns = Turns(at_once=CORES)
_of_this_thread = threading.local()


def limit(*, at_once: int, places: int, seconds: float) -> None:
    """Set the limits of this web server's process, before it serves: see Turns."""
    use(Turns(at_once=at_once, places=places, seconds=seconds, ahead=AHEAD, gives_way=True))


def use(turns: Turns) -> Turns:
    """Let this process take its turns from `turns`; return what it took them from before."""
    global _turns
    before, _turns = _turns, turns
    return before


@contextmanager
def hold() -> Iterator[None]:
    """Wait in the line with this thread's request, and hold its place until it ends. Raises Busy."""
    place = _turns.enter()
    _of_this_thread.place = place
    try:
        yield
    finally:
        _of_this_thread.place = None
        place.leave()


@contextmanager
def wait() -> Iterator[None]:
    """Hold this thread's turn to hash, waiting for it where the thread has no place; inside, it may hash at will.

    A service that counts a try takes its turn before, so that nothing is counted where it is sent away. Raises Busy.
    """
    place: Place | None = getattr(_of_this_thread, "place", None)
    if place is None:
        with hold(), wait():
            yield
        return
    with place.hash():
        yield


def compute(function: Callable[[Memory], T]) -> T:
    """Return what `function` does, a hash, with a memory to compute it in, for a thread that holds its turn."""
    return _turns.compute(function)


def are_taken() -> bool:
    """Return whether a request that has to hash would be sent away at once."""
    return _turns.are_taken
