"""How much a password hash costs in tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from accounts.hashers import Argon2idPasswordHasher
from accounts.services import log_in

# KiB: the least that argon2 takes.
QUICK = 8


@pytest.fixture(scope="session", autouse=True)
def quick_hashes() -> Iterator[int]:
    """Let a password hash take no time, in the processes of pytest itself: a fifth of the tests' time went into it.

    It is the same function with the same steps around it. Yield the memory (KiB) of the portal's own.
    """
    with pytest.MonkeyPatch.context() as patch:
        own = Argon2idPasswordHasher.memory_cost
        patch.setattr(Argon2idPasswordHasher, "memory_cost", QUICK)
        yield own


@pytest.fixture
def full_strength(quick_hashes: int) -> Iterator[None]:
    """Hash at the portal's own strength: for tests of the hash itself."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Argon2idPasswordHasher, "memory_cost", quick_hashes)
        yield


@pytest.fixture
def full_hashes(full_strength: None) -> Iterator[None]:
    """Hash so also for names that no person has: for tests of what a log-in takes."""
    log_in._hash_of_no_person.cache_clear()
    log_in.warm_up()
    yield
    log_in._hash_of_no_person.cache_clear()
