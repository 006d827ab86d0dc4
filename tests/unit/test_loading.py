"""While a process loads the portal nothing looks for rubbish, and from then on something does."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import pytest
from django.apps import apps

from esr_portal import loading

if TYPE_CHECKING:
    from collections.abc import Iterator


# Objects that the collector knows of: many more than the others that come and go in a test.
LOADED = 50_000


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """Let the process of the tests look for rubbish again, whatever comes of it."""
    yield
    gc.enable()


def test_rubbish_is_looked_for_again_once_the_portal_is_loaded_and_not_in_what_is_loaded() -> None:
    """Threat: a process that never looks for rubbish grows until the machine has no memory left."""
    before = gc.get_freeze_count()
    loading.begin()
    assert not gc.isenabled()
    loaded: list[list[int]] = [[] for _ in range(LOADED)]
    apps.get_app_config("esr_portal").ready()
    assert gc.isenabled()
    assert gc.get_freeze_count() > before + len(loaded) / 2


def test_what_another_program_has_loaded_is_left_as_it_is() -> None:
    before = gc.get_freeze_count()
    made: list[list[int]] = [[] for _ in range(LOADED)]
    loading.end()
    assert gc.isenabled()
    assert gc.get_freeze_count() < before + len(made) / 2
