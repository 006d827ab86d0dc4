"""What several files here ask for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests import stand_in
from tests.stand_in import StandIn


@pytest.fixture(scope="session")
def running_care_identity(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    """Return a stand-in Care Identity, one for all the tests of it."""
    with stand_in.running(state=tmp_path_factory.mktemp("state")) as running:
        yield running


@pytest.fixture
def care_identity(running_care_identity: StandIn) -> Iterator[StandIn]:
    """Return a stand-in that behaves when the test begins, and again when it ends."""
    running_care_identity.behave()
    yield running_care_identity
    running_care_identity.behave()
