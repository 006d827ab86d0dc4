"""Requests are counted by page, method and status, and a stranger makes no series."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.db import IntegrityError, OperationalError
from django.test import RequestFactory
from prometheus_client import generate_latest

from accounts import turns
from accounts.figures import REGISTRY
from accounts.turns import Turns
from esr_portal import request_figures
from esr_portal.door import with_a_door
from esr_portal.request_figures import counted
from tests.support.growth import Grown


def ask(application: Any, path: str, *, method: str = "GET") -> str:
    """Return the status that `application` answers with."""
    said: list[str] = []
    environ = RequestFactory().generic(method, path, secure=True).environ
    answer = application(environ, lambda status, *_: said.append(status))
    b"".join(answer)
    return said[0][:3]


@pytest.fixture
def portal() -> Any:
    """Return the portal from its door on."""
    return counted(with_a_door(WSGIHandler()))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("asked", "page", "status"),
    [
        (("GET", "/help/"), "help", "200"),
        (("HEAD", "/help/"), "help", "200"),
        (("GET", "/nowhere/jo.smith@example.nhs.uk/"), "unknown", "404"),
        (("GET", "/static/jo.smith.css"), "static", "404"),
        (("GET", "/health/live"), "health_live", "200"),
        (("PUT", "/help/"), "help", "403"),
        (("JO.SMITH", "/help/"), "help", "403"),
        (("GET", "/admin/desk/people/12345/"), "admin:desk_person", "302"),
        # Django's name for the rest of the admin.
        (("GET", "/admin/no/such/jo.smith/"), "admin:django.contrib.admin.sites.catch_all_view", "302"),
    ],
)
def test_a_request_is_counted_by_the_name_of_its_page(
    portal: Any, grown: Grown, asked: tuple[str, str], page: str, status: str
) -> None:
    method, path = asked
    assert ask(portal, path, method=method) == status
    counted_as = {"HEAD": "GET", "GET": "GET"}.get(method, "other")
    assert grown("esr_requests_total", page=page, method=counted_as, status=status) == 1
    assert grown("esr_request_seconds_count", page=page, method=counted_as) == 1
    assert b"smith" not in generate_latest(REGISTRY)


def test_what_is_sent_away_at_the_door_counts_for_its_page(portal: Any, grown: Grown) -> None:
    before = turns.use(Turns(at_once=1, places=0))
    try:
        assert ask(portal, "/log-in/", method="POST") == "503"
    finally:
        turns.use(before)
    assert grown("esr_requests_total", page="log_in", method="POST", status="503") == 1


def test_what_breaks_outside_of_django_counts_as_an_error_of_ours(grown: Grown) -> None:
    def broken(environ: Any, start_response: Any) -> Any:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        counted(broken)({"REQUEST_METHOD": "GET", "PATH_INFO": "/"}, lambda *_: None)  # type: ignore[arg-type]
    assert grown("esr_requests_total", page="unknown", method="GET", status="500") == 1


@pytest.mark.parametrize(
    ("error", "name", "labels"),
    [
        (OperationalError, "esr_database_errors_total", {"kind": "OperationalError"}),
        (IntegrityError, "esr_database_errors_total", {"kind": "IntegrityError"}),
        (RuntimeError, "esr_failures_total", {}),
    ],
)
def test_an_error_that_ends_a_request_is_counted_by_whose_it_is(
    grown: Grown, error: Callable[[], Exception], name: str, labels: dict[str, str]
) -> None:
    try:
        raise error()
    except Exception:  # noqa: BLE001
        request_figures._count_failure()
    assert grown(name, **labels) == 1
