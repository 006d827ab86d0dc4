"""What the macros of the NHS.UK components compile to is kept, for the other processes and for the next run."""

from __future__ import annotations

from pathlib import Path

import pytest
from jinja2 import FileSystemBytecodeCache

from nhsuk import components

KEPT = Path(__file__).resolve().parents[2] / ".pytest_cache" / "components"


@pytest.fixture(scope="session", autouse=True)
def components_are_compiled_once() -> None:
    """Let Jinja look there first: to compile them takes half a second of each process. It compares the sources."""
    KEPT.mkdir(parents=True, exist_ok=True)
    components._environment.bytecode_cache = FileSystemBytecodeCache(str(KEPT))
