"""The calls to the helpdesk: an agent who has no mouse, and a caller. docs/journeys.md lists them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.journeys import doing
from tests.support.helpdesk import at_work, make_agent
from tests.support.keyboard import Keyboard
from tests.support.told_in import reads_welsh  # noqa: F401  (a fixture)

if TYPE_CHECKING:
    from accounts.models import User
    from tests.journeys.conftest import TypeOfPerson


@pytest.fixture
def pat() -> User:
    """Return an agent of Northern Test Hospitals."""
    return make_agent(given_name="Pat", family_name="Desk")


@pytest.fixture
def agent(somebody: TypeOfPerson, pat: User) -> Keyboard:
    """Return Pat at the desk, with the pages seen at the narrowest width that agents work at too."""
    walker = somebody(size={"width": 1280, "height": 800}, also=[{"width": 768, "height": 1024}])
    doing.go_on_from(walker, at_work(pat))
    walker.open("/admin/desk/")
    return Keyboard(walker)
