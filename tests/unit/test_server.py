"""How the web server is started."""

from __future__ import annotations

import pytest

from accounts import turns
from esr_portal import server


def test_there_is_one_hash_at_once_for_a_core_over_all_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """More take 46 MiB each, and the time of one another."""
    for name in ("GRANIAN_WORKERS", "GRANIAN_BLOCKING_THREADS"):
        monkeypatch.delenv(name, raising=False)
    before = turns.use(turns.Turns(at_once=1))
    try:
        server.limit_hashing()
    finally:
        mine = turns.use(before)
    workers = int(server.environment()["GRANIAN_WORKERS"])
    assert turns.CORES - workers < mine.at_once * workers <= turns.CORES
    assert mine.places is not None
    assert mine.places * workers >= 50, "fifty who press the button in the same second all find a place"


def test_an_operator_can_overrule_how_memory_is_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MALLOC_ARENA_MAX", raising=False)
    assert server.environment()["MALLOC_ARENA_MAX"] == "1"
    monkeypatch.setenv("MALLOC_ARENA_MAX", "4")
    assert server.environment()["MALLOC_ARENA_MAX"] == "4"
