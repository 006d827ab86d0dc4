"""No mail is lost, whatever is killed: real worker processes, a real mail server, and the test's own database."""

from __future__ import annotations

import functools
import os
import random
import signal
import threading
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.utils import timezone

from accounts import jobs
from accounts.management.commands.work import Stop
from accounts.models import OutboxMessage, User, WorkerHeartbeat
from accounts.models.outbox import Kind
from accounts.services import outbox, recovery
from tests.support.factories import make_user
from tests.support.mails import link_in, token_in
from tests.support.smtp import Inbox, MailServer
from tests.support.workers import StartWorker, WorkerProcess, wait_until

if TYPE_CHECKING:
    from aiosmtpd.smtp import SMTP, Envelope, Session

    from tests.support.travel import Travel

pytestmark = pytest.mark.django_db(transaction=True)


def add_recoveries(count: int) -> list[User]:
    users = [make_user() for _ in range(count)]
    for user in users:
        outbox.add(kind=Kind.RECOVERY, about={"users": [user.pk]})
    return users


def all_are_done() -> bool:
    return not OutboxMessage.objects.filter(sent_at__isnull=True).exists()


def end_all_leases() -> None:
    """Let five minutes pass, as far as the leases of killed workers are concerned."""
    OutboxMessage.objects.filter(leased_until__isnull=False).update(leased_until=timezone.now())


def assert_each_has_one_link_that_works(users: list[User], inbox: Inbox) -> None:
    for user in users:
        mails = inbox.to(user.email)
        assert mails, "a mail was lost"
        assert len({link_in(mail) for mail in mails}) == 1
        assert len({mail.message["Message-ID"] for mail in mails}) == 1
        assert recovery.link_for(token=token_in(link_in(mails[0]))).user == user


@pytest.mark.both_databases
def test_no_mail_is_lost_when_workers_are_killed_at_random_points(
    start_worker: StartWorker, smtp_server: MailServer, inbox: Inbox
) -> None:
    """Threat: a worker is killed (out of memory, a machine that dies) between any two of its steps."""
    chance = random.Random(20261122)  # noqa: S311 - the same points each time.
    smtp_server.seconds_before_answer = 0.05
    users = add_recoveries(40)
    for _ in range(2):
        workers = [start_worker(), start_worker()]
        for worker in workers:
            wait_until(functools.partial(worker.has_logged, "done"))
            time.sleep(chance.uniform(0, 0.15))
            worker.kill()
        end_all_leases()
    assert not all_are_done()
    smtp_server.mend()
    jobs.Worker().do_what_is_due()
    assert all_are_done()
    assert_each_has_one_link_that_works(users, inbox)


class KillsWhoSends(MailServer):
    """Takes a mail, and kills the worker that sent it before it hears so."""

    worker: WorkerProcess | None = None

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = await super().handle_DATA(server, session, envelope)
        if self.worker is not None:
            self.worker.kill()
            self.worker = None
        return answer


def test_a_mail_taken_just_before_the_worker_is_killed_comes_twice_with_the_same_link(
    smtp_server: MailServer, tmp_path: Path
) -> None:
    """Threat: the first copy, which a mail program shows, holds a link that the second copy has made useless."""
    server = KillsWhoSends()
    server.start()
    users = add_recoveries(1)
    try:
        worker = server.worker = WorkerProcess(mail_server=server, log=tmp_path / "killed.log")
        wait_until(lambda: not worker.is_running)
    finally:
        server.stop()
    assert not all_are_done()
    end_all_leases()
    jobs.Worker().do_what_is_due()
    first, second = server.mails[0], smtp_server.mails[0]
    assert link_in(first) == link_in(second)
    assert first.message["Message-ID"] == second.message["Message-ID"]
    assert_each_has_one_link_that_works(users, Inbox(smtp_server))


@pytest.mark.both_databases
def test_two_workers_side_by_side_send_each_mail_once(
    start_worker: StartWorker, smtp_server: MailServer, inbox: Inbox
) -> None:
    smtp_server.seconds_before_answer = 0.02
    users = add_recoveries(30)
    workers = [start_worker(), start_worker()]
    wait_until(all_are_done)
    assert Counter(mail.recipients[0] for mail in inbox.mails) == Counter(user.email for user in users)
    assert all(worker.has_logged("done") for worker in workers)
    assert set(OutboxMessage.objects.values_list("attempts", flat=True)) == {1}
    assert [worker.stop() for worker in workers] == [0, 0]


@pytest.mark.both_databases
def test_many_workers_at_once_claim_each_row_once() -> None:
    add_recoveries(20)
    claimed: list[object] = []

    def work() -> None:
        try:
            while (message := outbox.claim(kinds=jobs.MAILING)) is not None or not_all_claimed():
                if message is not None:
                    claimed.append(message.pk)
        finally:
            connection.close()

    def not_all_claimed() -> bool:
        return OutboxMessage.objects.filter(leased_until__isnull=True).exists()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert len(claimed) == len(set(claimed)) == 20


def test_a_mail_server_that_was_down_gets_every_mail_and_the_links_last_an_hour_from_then(
    smtp_server: MailServer, inbox: Inbox, travel: Travel
) -> None:
    """Threat: links that were made when the mail was asked for are over by the time it comes."""
    users = add_recoveries(5)
    smtp_server.stop()
    worker = jobs.Worker()
    for _ in range(4):
        worker.do_what_is_due()
        travel(minutes=40)
    assert inbox.mails == []
    smtp_server.start()
    worker.do_what_is_due()
    assert all_are_done()
    travel(minutes=59)
    assert_each_has_one_link_that_works(users, inbox)


def test_a_stopped_worker_finishes_the_mail_in_hand_and_takes_no_other(
    start_worker: StartWorker, smtp_server: MailServer, inbox: Inbox
) -> None:
    smtp_server.seconds_before_answer = 0.5
    add_recoveries(20)
    workers = [start_worker(), start_worker()]
    wait_until(lambda: all(worker.has_logged("done") for worker in workers))
    assert [workers[0].stop(signal.SIGTERM), workers[1].stop(signal.SIGINT)] == [0, 0]
    assert [worker.log[-1]["message"] for worker in workers] == ["stopped", "stopped"]
    assert len(inbox.mails) == OutboxMessage.objects.filter(sent_at__isnull=False).count() < 20
    assert set(OutboxMessage.objects.filter(sent_at__isnull=True).values_list("attempts", flat=True)) == {0}


def test_a_signal_ends_the_wait_for_work_at_once() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]
    try:
        for number in (signal.SIGTERM, signal.SIGINT):
            stop = Stop()
            os.kill(os.getpid(), number)
            asked_at = time.monotonic()
            stop.sleep(60)
            assert stop.asked
            assert time.monotonic() - asked_at < 10
    finally:
        for number, handler in zip((signal.SIGTERM, signal.SIGINT), before, strict=True):
            signal.signal(number, handler)


def test_a_killed_worker_leaves_when_it_was_last_seen_and_one_that_stops_as_asked_leaves_nothing(
    start_worker: StartWorker,
) -> None:
    """An operator is to see that a worker was lost, and not to wonder at one that was replaced by a new version."""
    killed, stopped = start_worker(), start_worker()
    wait_until(lambda: WorkerHeartbeat.objects.count() == 2)
    rows = list(WorkerHeartbeat.objects.values_list("pk", "parts"))
    assert all("counting and filing" in parts for _, parts in rows)
    killed.kill()
    assert stopped.stop() == 0
    assert WorkerHeartbeat.objects.count() == 1


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has no server to lose.")
def test_a_worker_outlives_a_database_that_goes_away(start_worker: StartWorker, inbox: Inbox) -> None:
    worker = start_worker()

    def has_noticed() -> bool:
        # Again and again: which connection is the worker's, and whether it has one yet, cannot be seen from here.
        end_other_database_connections()
        return worker.has_logged("database is away")

    wait_until(has_noticed)
    users = add_recoveries(1)
    wait_until(all_are_done)
    assert worker.is_running
    assert_each_has_one_link_that_works(users, inbox)


def end_other_database_connections() -> None:
    """Cut every other connection to the test database."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
