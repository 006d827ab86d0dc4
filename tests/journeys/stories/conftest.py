"""The stories: situations in which people cannot get in, each told once. docs/journeys.md lists them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.support.browser import PHONE

if TYPE_CHECKING:
    from tests.journeys.conftest import TypeOfPerson
    from tests.support.browser import Walker


# The languages in which the stories are told: "en", "cy", or "en cy".
LANGUAGES = os.environ.get("STORIES_IN", "en").split()


@pytest.fixture(params=LANGUAGES)
def reads_welsh(request: pytest.FixtureRequest) -> bool:
    """Return whether a story is told of people who read Welsh."""
    return bool(request.param == "cy")


@pytest.fixture
def person(somebody: TypeOfPerson) -> Walker:
    """Return a person with a phone."""
    return somebody(size=PHONE)
