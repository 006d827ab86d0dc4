"""The version: where the helpdesk and the operator read it."""

from __future__ import annotations

import tomllib

import pytest
from bs4 import BeautifulSoup
from django.conf import settings

from tests.support.helpdesk import at_work, make_operator
from tests.support.steps import PortalClient


@pytest.fixture
def version() -> str:
    """Return the version that pyproject.toml says."""
    project = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project["version"])


def test_a_living_process_says_its_version(client: PortalClient, version: str) -> None:
    assert client.get("/health/live").content == f"alive\nversion {version}\n".encode()


@pytest.mark.django_db
def test_the_foot_of_the_admin_says_the_version(version: str) -> None:
    page = BeautifulSoup(at_work(make_operator()).get("/admin/").content, "html.parser")
    assert page.select_one("footer p").get_text(strip=True) == f"ESR Portal, version {version}"  # type: ignore[union-attr]
