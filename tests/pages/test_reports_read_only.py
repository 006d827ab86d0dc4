"""The desk's reports ask a database that refuses to write, as a standby does (docs/scaling.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urljoin

import pytest
from django.db import InternalError, connection, transaction

from accounts.models import Organisation
from tests.support.database import is_sqlite
from tests.support.helpdesk import at_work, make_operator

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(is_sqlite(), reason="SQLite has no transaction that refuses to write"),
]


@pytest.fixture
def read_only() -> Iterator[None]:
    """Let PostgreSQL refuse what a standby would refuse, until the test is over."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
        yield
        transaction.set_rollback(True)


@pytest.mark.parametrize(
    "path", ["overview/", "overview/?format=csv", "overview/?organisation=999", "../second-steps/", "requests/"]
)
def test_a_report_writes_nothing(path: str, request: pytest.FixtureRequest) -> None:
    desk = at_work(make_operator())
    # The session is as fresh as it is a moment after any page.
    assert desk.get(urljoin("/admin/desk/", path)).status_code == 200
    request.getfixturevalue("read_only")
    assert desk.get(urljoin("/admin/desk/", path)).status_code == 200


@pytest.mark.usefixtures("read_only")
def test_what_would_write_is_refused_there() -> None:
    with pytest.raises(InternalError, match="read-only transaction"):
        Organisation.objects.create(code="998", name="South")
