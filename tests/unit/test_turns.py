"""Taking turns to hash: a bounded number of requests, for a bounded time."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.contrib.auth.hashers import check_password, make_password

from accounts import turns
from accounts.hash_memory import Memory
from accounts.turns import Busy, Turns
from esr_portal import server


@contextmanager
def another_holds(mine: Turns) -> Iterator[None]:
    """Let another thread hold a turn."""
    has_it, may_go = threading.Event(), threading.Event()

    def hold() -> None:
        with mine.take():
            has_it.set()
            may_go.wait(10)

    thread = threading.Thread(target=hold)
    thread.start()
    assert has_it.wait(10)
    try:
        yield
    finally:
        may_go.set()
        thread.join()


def is_busy(mine: Turns) -> bool:
    try:
        with mine.take():
            return False
    except Busy:
        return True


def test_where_every_place_is_taken_the_next_is_sent_away_at_once() -> None:
    mine = Turns(at_once=1, places=1, seconds=60)
    with another_holds(mine):
        began = time.monotonic()
        assert mine.are_taken
        assert is_busy(mine)
        assert time.monotonic() - began < 5
    assert not mine.are_taken
    assert not is_busy(mine)


def test_where_there_is_a_place_one_waits_so_long_and_leaves_the_place_again() -> None:
    mine = Turns(at_once=1, places=2, seconds=0.05)
    with another_holds(mine):
        assert not mine.are_taken
        assert is_busy(mine)
        assert is_busy(mine), "the first has given its place back"
    assert not is_busy(mine)


def test_what_fails_gives_its_turn_and_its_place_back() -> None:
    mine = Turns(at_once=1, places=1, seconds=0.05)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), mine.take():
            _ = 1 / 0
    assert not is_busy(mine)


def test_of_many_at_once_no_more_are_let_in_than_there_are_places() -> None:
    mine = Turns(at_once=1, places=3, seconds=10)
    together, let_go = threading.Barrier(20), threading.Event()
    came: list[bool] = []

    def come() -> None:
        together.wait()
        try:
            with mine.take():
                let_go.wait(10)
                came.append(True)
        except Busy:
            came.append(False)

    threads = [threading.Thread(target=come) for _ in range(20)]
    for thread in threads:
        thread.start()
    for _ in range(200):
        if len(came) == 17:
            break
        time.sleep(0.01)
    let_go.set()
    for thread in threads:
        thread.join()
    assert came.count(True) == 3
    assert not mine.are_taken


def test_a_thread_that_holds_a_turn_hashes_as_often_as_it_needs() -> None:
    """A new password is compared with four former ones before it is hashed itself."""
    before = turns.use(Turns(at_once=1, places=1, seconds=0.05))
    try:
        for _ in range(2):
            with turns.wait():
                assert turns.are_taken()
                with turns.wait(), turns.wait():
                    pass
                assert turns.are_taken()
            assert not turns.are_taken()
    finally:
        turns.use(before)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere threads have no priority of their own")
def test_a_servers_hashes_give_way_to_its_pages_and_are_right() -> None:
    mine = Turns(at_once=1, gives_way=True)
    before = turns.use(mine)
    try:
        pages, hashes = os.getpriority(os.PRIO_PROCESS, 0), turns.compute(lambda _: os.getpriority(os.PRIO_PROCESS, 0))
        assert hashes == min(19, pages + turns.NICER)
        assert os.getpriority(os.PRIO_PROCESS, 0) == pages
        assert check_password("violet harbour", make_password("violet harbour"))
        with pytest.raises(ZeroDivisionError):
            turns.compute(lambda _: divmod(1, 0))
    finally:
        turns.use(before)


@pytest.mark.parametrize(
    ("workers", "threads", "places"), [("2", "32", 28), ("1", "16", 12), ("2", "4", 2), ("64", "2", 1), ("1", "1", 1)]
)
def test_the_server_keeps_threads_free_for_pages(
    monkeypatch: pytest.MonkeyPatch, workers: str, threads: str, places: int
) -> None:
    monkeypatch.setenv("GRANIAN_WORKERS", workers)
    monkeypatch.setenv("GRANIAN_BLOCKING_THREADS", threads)
    before = turns.use(Turns(at_once=1))
    try:
        server.limit_hashing()
    finally:
        mine = turns.use(before)
    assert (mine.places, mine.seconds) == (places, server.SECONDS_FOR_A_TURN)
    assert mine.at_once == max(1, turns.CORES // int(workers))


def test_turns_come_in_the_order_in_which_they_were_waited_for() -> None:
    """With a semaphore a newcomer could take the turn of another who then waits in vain."""
    mine = Turns(at_once=1, places=10, seconds=10)
    order: list[int] = []

    def come(number: int) -> None:
        with mine.take():
            order.append(number)

    threads = [threading.Thread(target=come, args=(number,)) for number in range(8)]
    with another_holds(mine):
        for number, thread in enumerate(threads):
            thread.start()
            while len(mine._waiting) <= number:
                time.sleep(0.001)
    for thread in threads:
        thread.join()
    assert order == list(range(8))
    assert not is_busy(mine)


def test_while_one_hashes_the_next_is_let_in_and_hashes_after_it() -> None:
    mine = Turns(at_once=1, ahead=1, places=2, seconds=0.01)
    with another_holds(mine), mine.take():
        assert mine.are_taken
        began, may_go = threading.Event(), threading.Event()

        def hash_for_long(_: Memory) -> None:
            began.set()
            may_go.wait(10)

        first = threading.Thread(target=mine.compute, args=(hash_for_long,))
        first.start()
        assert began.wait(10)
        second = threading.Thread(target=mine.compute, args=(lambda _: None,))
        second.start()
        second.join(timeout=0.05)
        assert second.is_alive(), "a core hashes for one"
        may_go.set()
        first.join()
        second.join()
