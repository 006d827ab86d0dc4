"""What tests of the whole site can ask for."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.support import collected


@pytest.fixture(scope="session")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with static files, as production collects them into its STATE_DIR."""
    folder = tmp_path_factory.mktemp("state")
    shutil.copytree(collected.static_files(), folder / "static")
    return folder
