"""No notice of a mail that came back is lost, whatever is killed: real workers, and a mailbox that outlives them."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import pytest

from accounts.bounce_reading import BounceReading
from accounts.models import OutboxMessage
from accounts.models.outbox import Kind
from accounts.services import outbox
from tests.support import notices
from tests.support.factories import make_user
from tests.support.imap import SmallServer, read_by_the_worker
from tests.support.notices import of_postfix
from tests.support.smtp import Inbox, MailServer
from tests.support.workers import WorkerProcess, wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_django import Settings

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


@pytest.fixture
def server(settings: Settings) -> Iterator[SmallServer]:
    """Return an IMAP server whose mailbox the workers read."""
    with read_by_the_worker(settings) as running:
        yield running


@pytest.fixture
def row(server: SmallServer) -> OutboxMessage:
    """Return a mail that was sent, and whose notice is in the mailbox."""
    row = notices.sent()
    server.deliver(of_postfix("unknown", about=row))
    return row


def is_noted(row: OutboxMessage) -> bool:
    return OutboxMessage.objects.filter(pk=row.pk, bounced_at__isnull=False).exists()


@pytest.mark.parametrize("step", ["UID FETCH", "UID STORE", "UID EXPUNGE"])
def test_a_worker_that_is_killed_on_the_way_loses_no_notice(
    server: SmallServer, row: OutboxMessage, smtp_server: MailServer, tmp_path: Path, step: str
) -> None:
    """Threat: a worker is killed between reading a notice, noting it and deleting it."""
    reached, killed = threading.Event(), threading.Event()

    def wait_for_the_kill(*_: str) -> Iterable[bytes]:
        reached.set()
        killed.wait(60)
        return []

    server.instead[step] = wait_for_the_kill
    worker = WorkerProcess(mail_server=smtp_server, log=tmp_path / "killed.log", mailbox=server.mailbox)
    assert reached.wait(60)
    assert is_noted(row) is (step != "UID FETCH")
    worker.kill()
    killed.set()
    assert len(server.left()) == 1
    server.instead.clear()
    BounceReading().do_what_is_due()
    assert is_noted(row)
    assert server.left() == []


def test_mails_go_on_while_the_mailbox_hangs(
    server: SmallServer, row: OutboxMessage, smtp_server: MailServer, inbox: Inbox, tmp_path: Path
) -> None:
    """Threat: a mail server that hangs where it is read keeps back the links that people wait for."""
    reached, ended = threading.Event(), threading.Event()

    def hang(*_: str) -> Iterable[bytes]:
        reached.set()
        ended.wait(60)
        return []

    server.instead["UID FETCH"] = hang
    worker = WorkerProcess(mail_server=smtp_server, log=tmp_path / "worker.log", mailbox=server.mailbox)
    assert reached.wait(60)
    user = make_user()
    outbox.add(kind=Kind.RECOVERY, about={"users": [user.pk]})
    wait_until(lambda: bool(inbox.to(user.email)))
    # Within the time that a service manager waits.
    assert worker.stop() == 0
    ended.set()


def test_two_workers_read_one_mailbox(
    server: SmallServer, row: OutboxMessage, smtp_server: MailServer, tmp_path: Path
) -> None:
    rows = [row]
    for _ in range(20):
        rows.append(outbox.add(kind=Kind.PASSWORD_CHANGED, about={"users": [make_user().pk]}))
        outbox.finish(message=rows[-1])
        server.deliver(of_postfix("unknown", about=rows[-1]))
    workers = [
        WorkerProcess(mail_server=smtp_server, log=tmp_path / f"{name}.log", mailbox=server.mailbox) for name in "ab"
    ]
    wait_until(lambda: not server.left())
    assert all(is_noted(each) for each in rows)
    assert [worker.stop() for worker in workers] == [0, 0]
    assert not any(worker.has_logged("mailbox fails") for worker in workers)
