"""What load balancers ask."""

from __future__ import annotations

import datetime
import os
import signal
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import F
from django.test import Client

from accounts.jobs import DECIDING
from accounts.models import OutboxMessage
from accounts.models.outbox import Kind
from accounts.pulse import Pulse
from accounts.services import outbox
from esr_portal import connections as limits
from hub.services import readiness
from tests.support.database import is_sqlite
from tests.support.steps import PortalClient
from tests.support.travel import Travel


class _DatabaseIsAway:
    def __call__(self, *_: object) -> None:
        raise OperationalError("could not connect to server")


def test_a_living_process_says_so_without_a_database(client: PortalClient) -> None:
    """Pytest refuses this test a database: a query would fail it."""
    response = client.get("/health/live")
    assert response.status_code == 200
    assert response.content.startswith(b"alive\n")
    assert response["Content-Type"].startswith("text/plain")


@pytest.mark.django_db
def test_a_process_that_can_work_says_so(client: PortalClient) -> None:
    response = client.get("/health/ready")
    assert (response.status_code, response.content) == (200, b"ready\n")


@pytest.mark.django_db
def test_being_asked_costs_little(client: PortalClient, django_assert_max_num_queries: Callable[..., object]) -> None:
    client.get("/health/ready")
    with django_assert_max_num_queries(3):  # type: ignore[attr-defined]
        response = client.get("/health/ready")
    assert not response.cookies


@pytest.mark.django_db
def test_without_its_database_it_is_not_ready_but_alive(client: PortalClient) -> None:
    with connection.execute_wrapper(_DatabaseIsAway()):
        response = client.get("/health/ready")
        assert (response.status_code, response.content) == (503, b"not ready: the database cannot be reached\n")
        assert client.get("/health/live").status_code == 200


@pytest.mark.django_db
def test_with_migrations_to_apply_it_is_not_ready(client: PortalClient) -> None:
    """New code on an old database would fail page by page; better it gets no visitors."""
    MigrationRecorder(connection).record_unapplied("hub", "0001_initial")
    response = client.get("/health/ready")
    assert (response.status_code, response.content) == (503, b"not ready: database migrations have not been applied\n")


@pytest.mark.django_db
def test_load_balancers_may_ask_over_plain_http() -> None:
    assert Client().get("/health/live").status_code == 200
    assert Client().get("/").status_code == 301


@pytest.mark.parametrize("address", ["/health/live", "/health/ready", "/health/work"])
def test_health_pages_are_only_read(client: PortalClient, address: str) -> None:
    assert client.post(address).status_code == 405


@pytest.mark.django_db
def test_what_proxies_sent_in_vain_stands_below_ready(client: PortalClient) -> None:
    """Once each. The status stays: a stranger can send such a thing too."""
    noticed: dict[str, Any] = {"esr_portal.proxies": ("it cannot be read", "it cannot be read")}
    response = client.generic("GET", "/health/ready", **noticed)
    assert (response.status_code, response.content) == (200, b"ready\nit cannot be read\n")


NOT_WRITABLE = b"not ready: the database takes no writing: it is a standby, or read-only\n"


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(is_sqlite(), reason="SQLite has no standby")
def test_on_a_database_that_takes_no_writing_it_is_not_ready(client: PortalClient) -> None:
    """After a fail-over to the wrong server each page that is read would work, and no log-in."""
    assert client.get("/health/ready").status_code == 200
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on")
    try:
        response = client.get("/health/ready")
        assert (response.status_code, response.content) == (503, NOT_WRITABLE)
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(is_sqlite(), reason="SQLite's file is on this machine, and has a time-out of its own")
@pytest.mark.parametrize("address", ["/health/ready", "/health/work"])
def test_a_database_that_hangs_is_waited_for_no_longer_than_a_load_balancer_waits(
    client: PortalClient, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    """Other pages wait three times as long, and are still waiting when the load balancer has sent people elsewhere."""
    monkeypatch.setattr(readiness, "PATIENCE", 0.3)
    limits.limit_waiting(connection=connection)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        server = cursor.fetchone()[0]
    os.kill(server, signal.SIGSTOP)
    # Where it were waited for as long as elsewhere, this would end the wait, and the test with the wrong answer.
    timer = threading.Timer(limits.LONGEST_ANSWER / 3, os.kill, (server, signal.SIGCONT))
    timer.start()
    try:
        response = client.get(address)
    finally:
        timer.cancel()
        os.kill(server, signal.SIGCONT)
        connection.close()
    assert response.status_code == 503
    assert b"the database cannot be reached" in response.content
    assert readiness.PATIENCE < limits.LONGEST_ANSWER / 3


@pytest.mark.django_db
def test_a_worker_at_work_is_said_to_be(client: PortalClient) -> None:
    Pulse().do_what_is_due()
    response = client.get("/health/work")
    assert (response.status_code, response.content) == (200, b"at work\n")


@pytest.mark.django_db
def test_without_a_worker_the_monitor_rings(client: PortalClient) -> None:
    response = client.get("/health/work")
    assert (response.status_code, response.content) == (503, b"not at work: no worker runs\n")


@pytest.mark.django_db
def test_a_worker_that_was_killed_or_hangs_is_missed(client: PortalClient, travel: Travel) -> None:
    Pulse().do_what_is_due()
    travel(seconds=110)
    assert client.get("/health/work").status_code == 200
    travel(seconds=70)
    response = client.get("/health/work")
    assert response.content == b"not at work: no worker was seen at work for 3 minutes\n"


@pytest.mark.django_db
def test_forms_that_wait_to_be_decided_and_mails_that_are_held_up_are_named(
    client: PortalClient, travel: Travel
) -> None:
    outbox.add(kind=Kind.DECIDE_RECOVERY, about={"request": 1})
    for number in range(10):
        outbox.add(kind=Kind.RECOVERY, about={"users": [number]})
    travel(minutes=20)
    Pulse().do_what_is_due()
    response = client.get("/health/work")
    assert response.status_code == 503
    assert response.content.decode().splitlines() == [
        "not at work: the oldest recovery request has waited for 20 minutes",
        "not at work: many mails are held up: does the mail server take them?",
    ]


@pytest.mark.django_db
def test_forms_that_are_tried_in_vain_are_named_once_they_are_many(client: PortalClient, travel: Travel) -> None:
    for number in range(10):
        outbox.add(kind=Kind.DECIDE_RECOVERY, about={"request": number})
    for tried in range(10):
        Pulse().do_what_is_due()
        assert client.get("/health/work").content == b"at work\n", tried
        claimed = outbox.claim(kinds=DECIDING)
        assert claimed is not None
        outbox.fail(message=claimed, error="IntegrityError")
        OutboxMessage.objects.filter(pk=claimed.pk).update(
            created_at=F("created_at") - datetime.timedelta(minutes=15),
            due_at=F("due_at") + datetime.timedelta(hours=1),
        )
    response = client.get("/health/work")
    assert response.status_code == 503
    assert (
        response.content.decode()
        == "not at work: many recovery requests cannot be decided: the worker's log says why\n"
    )


@pytest.mark.django_db
def test_one_mail_that_waits_tells_a_stranger_nothing(client: PortalClient, travel: Travel) -> None:
    """Threat: while the mail server is down a stranger sends one form, and sees whether it led to a mail."""
    outbox.add(kind=Kind.RECOVERY, about={"users": [1]})
    travel(minutes=60)
    Pulse().do_what_is_due()
    assert client.get("/health/work").content == b"at work\n"


@pytest.mark.django_db
def test_without_its_database_the_monitor_rings_too(client: PortalClient) -> None:
    with connection.execute_wrapper(_DatabaseIsAway()):
        response = client.get("/health/work")
    assert (response.status_code, response.content) == (503, b"not at work: the database cannot be reached\n")


@pytest.mark.django_db
def test_asking_after_workers_costs_little(
    client: PortalClient, django_assert_max_num_queries: Callable[..., object]
) -> None:
    with django_assert_max_num_queries(4):  # type: ignore[attr-defined]
        client.get("/health/work")
