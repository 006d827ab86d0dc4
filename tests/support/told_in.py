"""In which languages journeys are told: "en", "cy", or "en cy" in STORIES_IN. `make test` tells them in English."""

from __future__ import annotations

import os

import pytest

LANGUAGES = os.environ.get("STORIES_IN", "en").split()


@pytest.fixture(params=LANGUAGES)
def reads_welsh(request: pytest.FixtureRequest) -> bool:
    """Return whether a journey is told of people who read Welsh."""
    return bool(request.param == "cy")
