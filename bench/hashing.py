"""Bare password hashes a second: what the machine could do if log-in were nothing but the hash."""

from __future__ import annotations

import multiprocessing
import os
import time
from concurrent.futures import ProcessPoolExecutor

from accounts.hash_memory import Memory
from accounts.hashers import Argon2idPasswordHasher

SECONDS = 3.0
_memory = Memory()


def per_second() -> float:
    """Return how many argon2id hashes with the portal's parameters all cores together make in a second."""
    cores = os.cpu_count() or 1
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(cores, mp_context=context) as pool:
        return sum(pool.map(_rate_of_one_core, [SECONDS] * cores))


def once() -> None:
    """Compute one argon2id hash with the portal's parameters, in memory that is kept."""
    if _memory.hash(b"violet harbour tandem 7", os.urandom(16), Argon2idPasswordHasher().params()) is None:
        msg = "argon2 cannot compute in memory of ours here"
        raise RuntimeError(msg)


def _rate_of_one_core(seconds: float) -> float:
    # The first one fetches the memory.
    once()
    began, done = time.perf_counter(), 0
    while time.perf_counter() - began < seconds:
        once()
        done += 1
    return done / (time.perf_counter() - began)
