"""Bare password hashes a second: what the machine could do if log-in were nothing but the hash."""

from __future__ import annotations

import dataclasses
import multiprocessing
import os
import statistics
import time
from concurrent.futures import ProcessPoolExecutor

from accounts.hash_memory import Memory
from accounts.hashers import Argon2idPasswordHasher

SECONDS = 3.0
MEMORY = Memory()


@dataclasses.dataclass(frozen=True, slots=True)
class Rate:
    """What all cores together make: hashes a second, and the processor time of one (seconds)."""

    per_second: float
    cpu: float


def per_second() -> Rate:
    """Return how many argon2id hashes with the portal's parameters all cores together make in a second."""
    cores = os.cpu_count() or 1
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(cores, mp_context=context) as pool:
        rates = list(pool.map(_rate_of_one_core, [SECONDS] * cores))
    return Rate(per_second=sum(rate for rate, _ in rates), cpu=statistics.fmean(cpu for _, cpu in rates))


def once() -> None:
    """Compute one argon2id hash with the portal's parameters, in memory that is kept."""
    if MEMORY.hash(b"violet harbour tandem 7", os.urandom(16), Argon2idPasswordHasher().params()) is None:
        msg = "argon2 cannot compute in memory of ours here"
        raise RuntimeError(msg)


def _rate_of_one_core(seconds: float) -> tuple[float, float]:
    """Return how many hashes this process makes in a second, and the processor time of one."""
    # The first one fetches the memory.
    once()
    began, cpu, done = time.perf_counter(), time.process_time(), 0
    while time.perf_counter() - began < seconds:
        once()
        done += 1
    return done / (time.perf_counter() - began), (time.process_time() - cpu) / done
