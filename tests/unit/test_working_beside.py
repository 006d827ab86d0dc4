"""What a worker does beside the mails: one failure ends none of it."""

from __future__ import annotations

import threading

import pytest
from django.db import connection, transaction

from accounts.jobs import Filing
from accounts.management.commands import work
from tests.support.database import is_sqlite


def test_what_fails_beside_the_mails_is_logged_and_tried_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(work, "BETWEEN_LOOKS_WITHOUT_DATABASE", 0.0)
    ended, tries = threading.Event(), []

    def fail_once(_: Filing) -> None:
        tries.append(1)
        if len(tries) == 1:
            raise ValueError
        ended.set()

    monkeypatch.setattr(Filing, "do_what_is_due", fail_once)
    thread = work._beside(Filing(), ended=ended, name="filing")
    thread.start()
    thread.join(timeout=30)
    assert not thread.is_alive()
    assert len(tries) == 2
    assert "failed beside the mails" in caplog.text


@pytest.mark.django_db
@pytest.mark.skipif(is_sqlite(), reason="its driver has one error for all")
def test_the_log_says_why_the_database_does_not_work_and_nothing_of_a_row(caplog: pytest.LogCaptureFixture) -> None:
    """On a full disk operators read "DiskFull": "OperationalError" is what a dozen other reasons are called too."""

    class Writing:
        def do_what_is_due(self) -> None:
            with transaction.atomic(), connection.cursor() as cursor:
                # As PostgreSQL says it of a disk: with what stands in the way.
                cursor.execute("DO $$ BEGIN RAISE 'no room for Olwen' USING ERRCODE = 'disk_full'; END $$")

    assert work._look(Writing()) == work.BETWEEN_LOOKS_WITHOUT_DATABASE
    (record,) = caplog.records
    assert (record.message, record.__dict__["error"]) == ("database is away", "DiskFull")
    assert "Olwen" not in repr(record.__dict__)
