"""What attacks run against: the production set-up, on the tests' own PostgreSQL, once for all the files of this folder.

Skipped where nginx is not installed. Hashes are cheap, as in other tests; `make attack` runs the whole of each attack.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import IntegrityError, OperationalError, connection, connections
from django.utils import timezone

from accounts.models import OutboxMessage
from bench.attacks import rig as production
from bench.attacks.care_identity import care_identity
from bench.attacks.postgresql import OneDatabase
from tests.support import nginx, portal
from tests.support.database import empty, is_sqlite
from tests.support.workers import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django import DjangoDbBlocker

    from bench.attacks.rig import Rig


@pytest.fixture(scope="package")
def started_rig(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Rig]:
    """Return what is started once. It ends with the last test of this folder: its workers note that they are there."""
    if not nginx.PROGRAM:
        pytest.skip(nginx.MISSING)
    if is_sqlite():
        pytest.skip("production runs on PostgreSQL")
    scheme, server, _, *rest = urlsplit(os.environ["DATABASE_URL"])
    database = urlunsplit((scheme, server, f"/{connection.settings_dict['NAME']}", *rest))
    folder = tmp_path_factory.mktemp("rig")
    portal.put_static_files(folder)
    with (
        care_identity() as provider,
        production.started(
            database=database,
            folder=folder,
            cheap_hash=True,
            planting=True,
            witnessed=True,
            care_identity=provider,
            # Of the tests' own server, which others use too, this database alone goes away.
            postgresql=OneDatabase(database),
        ) as running,
    ):
        yield running
    with django_db_blocker.unblock():
        empty()
        connections.close_all()


@pytest.fixture
def rig(started_rig: Rig, transactional_db: None) -> Iterator[Rig]:
    """Return the set-up, in which all goes well when the test begins; what workers have to do is done when it ends."""
    started_rig.mail.mend()
    started_rig.mail.mails.clear()
    started_rig.plant()
    yield started_rig
    started_rig.mail.mend()
    # A worker that is at a row when the database is emptied could wait for what waits for it.
    due = OutboxMessage.objects.filter(sent_at__isnull=True, due_at__lte=timezone.now())
    wait_until(lambda: not due.exists())
    wait_until(is_emptied)


def is_emptied() -> bool:
    """Empty the database, and return whether that was done: a worker may count, or file, what is being deleted.

    Where nothing is left a worker has nothing to write, and the emptying after each test finds nothing in its way.
    """
    try:
        empty()
    except (IntegrityError, OperationalError):
        return False
    return True
