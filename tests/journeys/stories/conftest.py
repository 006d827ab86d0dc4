"""The stories: situations in which people cannot get in, each told once. docs/journeys.md lists them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.browser import PHONE
from tests.support.told_in import reads_welsh  # noqa: F401  (a fixture)

if TYPE_CHECKING:
    from tests.journeys.conftest import TypeOfPerson
    from tests.support.browser import Walker


@pytest.fixture
def person(somebody: TypeOfPerson) -> Walker:
    """Return a person with a phone."""
    return somebody(size=PHONE)
