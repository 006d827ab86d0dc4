"""Many browsers that send a form in the same moment, round after round, each on a connection of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from bench.attacks.visitor import Answer, Visitor, address

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.attacks.rig import Rig

T = TypeVar("T")
# Seconds: what takes longer has hung.
TOGETHER_WITHIN = 60


class Crowd:
    """So many browsers; nginx hands their requests to the processes in turn."""

    def __init__(self, rig: Rig, count: int, *, first_address: int) -> None:
        self.visitors = [Visitor(rig, address=address(first_address + number)) for number in range(count)]
        self._threads = ThreadPoolExecutor(max_workers=count)

    def each(self, call: Callable[[Visitor, int], T]) -> list[T]:
        """Let each browser do something with its number, as soon as it can."""
        return list(self._threads.map(call, self.visitors, range(len(self.visitors))))

    def at_once(self, send: Callable[[Visitor, int], Answer]) -> list[Answer]:
        """Let all send in the same moment; return the answers. Who finds the portal busy sends again later."""
        together = threading.Barrier(len(self.visitors))

        def go(visitor: Visitor, number: int) -> Answer:
            together.wait(timeout=TOGETHER_WITHIN)
            return send(visitor, number)

        answers = self.each(go)
        for number, visitor in enumerate(self.visitors):
            while answers[number].status == 503:
                answers[number] = send(visitor, number)
        return answers

    def forget(self) -> None:
        """Let every browser forget its cookies."""
        for visitor in self.visitors:
            visitor.cookies = {}

    def close(self) -> None:
        """Hang up."""
        self._threads.shutdown()
        for visitor in self.visitors:
            visitor.close()


@contextmanager
def crowd(rig: Rig, count: int, *, first_address: int = 90_000) -> Iterator[Crowd]:
    """Have so many browsers until the block ends."""
    having = Crowd(rig, count, first_address=first_address)
    try:
        yield having
    finally:
        having.close()


def statuses(answers: Sequence[Answer]) -> dict[int, int]:
    """Return how often each status was answered."""
    return {status: sum(a.status == status for a in answers) for status in sorted({a.status for a in answers})}
