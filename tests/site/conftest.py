"""What tests of the whole site can ask for."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import override_settings

from tests.environment import once_a_run


@pytest.fixture(scope="session")
def state() -> Path:
    """Return a folder with static files, as production collects them into its STATE_DIR."""

    def collect(folder: Path) -> None:
        with override_settings(STATIC_ROOT=folder / "static"):
            call_command("collectstatic", interactive=False, verbosity=0)

    return once_a_run("state-with-static-files", collect)
