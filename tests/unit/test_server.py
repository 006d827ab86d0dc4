"""How the web server is started."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from accounts import turns
from esr_portal import metrics_folder, server

if TYPE_CHECKING:
    from pytest_django import Settings


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


@pytest.mark.parametrize(("demo", "level"), [(False, "info"), (True, "warning")])
def test_the_server_says_that_it_starts_and_stops_but_in_a_demo(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, demo: bool, level: str
) -> None:
    monkeypatch.delenv("GRANIAN_LOG_LEVEL", raising=False)
    settings.DEMO = demo
    assert server.environment()["GRANIAN_LOG_LEVEL"] == level


def test_counts_are_kept_together_where_they_are_asked_for_and_nowhere_that_the_portal_does_not_name(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    """Threat: a folder that is left in the environment, and another program's, is emptied or shown."""
    monkeypatch.setenv(metrics_folder.VARIABLE, "/srv/another")
    settings.METRICS_NETWORKS = []
    assert metrics_folder.VARIABLE not in server.environment()
    settings.METRICS_NETWORKS = ["10.0.9.7"]
    folder = metrics_folder.of_server(state=settings.STATE_DIR, port=settings.PORT)
    assert server.environment()[metrics_folder.VARIABLE] == str(folder)
