"""What load balancers ask."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from tests.support.steps import PortalClient


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
    with django_assert_max_num_queries(2):  # type: ignore[attr-defined]
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


@pytest.mark.parametrize("address", ["/health/live", "/health/ready"])
def test_health_pages_are_only_read(client: PortalClient, address: str) -> None:
    assert client.post(address).status_code == 405


@pytest.mark.django_db
def test_what_proxies_sent_in_vain_stands_below_ready(client: PortalClient) -> None:
    """Once each. The status stays: a stranger can send such a thing too."""
    noticed: dict[str, Any] = {"esr_portal.proxies": ("it cannot be read", "it cannot be read")}
    response = client.generic("GET", "/health/ready", **noticed)
    assert (response.status_code, response.content) == (200, b"ready\nit cannot be read\n")
