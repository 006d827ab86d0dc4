"""The static files, built and collected once for all the portals that a run of pytest starts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.core.management import call_command
from django.test import override_settings

from esr_portal import build_static
from esr_portal import settings as production
from tests.environment import once_a_run

if TYPE_CHECKING:
    from pathlib import Path


def static_files() -> Path:
    """Return the folder of the files as production collects them. Nothing may write into it."""

    def collect(folder: Path) -> None:
        build_static.build(into=settings.STATIC_BUILD_DIR)
        # A test has others meanwhile, which give no file another name.
        with override_settings(STATIC_ROOT=folder, STORAGES=production.STORAGES):
            call_command("collectstatic", interactive=False, verbosity=0)

    return once_a_run("static", collect)
