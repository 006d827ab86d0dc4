"""What operators watch of a portal in production: its figures over all its processes, and its log."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from accounts import this_request
from bench.processes import family
from tests.support import database, portal
from tests.support.portal import SAFE, Running, wait_until

pytestmark = pytest.mark.own_processes

THROUGH_THE_PROXY = {"Host": "esr.example.nhs.uk", "X_Forwarded_Proto": "https", "X_Forwarded_For": "203.0.113.7"}
REQUEST_ID = "0123456789abcdef0123456789abcdef"


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None) -> Iterator[Running]:
    """Return a portal of two processes, behind a proxy on this machine where monitoring is too: us."""
    state = tmp_path_factory.mktemp("state")
    variables = SAFE | {
        "TRUSTED_PROXIES": "127.0.0.1",
        "METRICS_NETWORKS": "127.0.0.1",
        "GRANIAN_WORKERS": "2",
        "GRANIAN_RESPAWN_INTERVAL": "2",
    }
    with (
        database.another() as address,
        portal.running(state=state, variables=variables | {"DATABASE_URL": address}) as running,
    ):
        yield running


def lines(running: Running) -> list[dict[str, Any]]:
    """Return what it has said so far, on stdout and stderr; fails where a line of it is no JSON object."""
    found = [json.loads(line) for line in running.printed.splitlines()]
    assert all({"at", "level", "logger", "message"} <= line.keys() for line in found)
    return found


def has_said(running: Running, message: str) -> bool:
    return any(re.search(message, line["message"]) for line in lines(running))


def servers(running: Running) -> list[int]:
    """Return the processes of the web server that have not ended: the one that holds it together first."""
    parents = {}
    for pid in family(running.process.pid):
        with contextlib.suppress(OSError):
            if "esr_portal.web_server" in Path(f"/proc/{pid}/cmdline").read_text():
                parents[pid] = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return sorted(parents, key=lambda pid: parents[pid] in parents)


def value(running: Running, series: str) -> float:
    page = running.get("/metrics")
    assert page.status == 200
    return sum(float(line.rpartition(" ")[2]) for line in page.text.splitlines() if line.startswith(series))


def test_the_figures_are_of_all_processes_together_whichever_answers(production: Running) -> None:
    helped = 'esr_requests_total{method="GET",page="help",status="200"}'
    before = value(production, helped)
    for number in range(1, 21):
        assert production.get("/help/", **THROUGH_THE_PROXY).status == 200
        assert value(production, helped) - before == number
    assert value(production, "esr_database_up ") == 1
    assert value(production, "esr_workers ") == 1
    assert value(production, "esr_build_info{") == 1


def test_through_the_proxy_there_is_no_such_page(production: Running) -> None:
    here, nowhere = (production.get(path, **THROUGH_THE_PROXY) for path in ("/metrics", "/nowhere"))
    assert here.status == nowhere.status == 404
    assert "esr_" not in here.text


def test_a_line_of_the_log_has_the_id_that_the_proxy_and_the_answer_have(production: Running) -> None:
    answer = production.get("/nowhere", **THROUGH_THE_PROXY, X_Request_ID=REQUEST_ID)
    assert answer.headers.get_all("X-Request-ID") == [REQUEST_ID]
    wait_until(lambda: any(line.get("request_id") == REQUEST_ID for line in lines(production)))
    (line,) = [line for line in lines(production) if line.get("request_id") == REQUEST_ID]
    assert line["message"] == "Not Found: /nowhere"
    assert line["code"] == this_request.code(REQUEST_ID)


def test_every_process_writes_json_until_its_end_and_counts_go_on_over_a_death_and_a_reload(
    production: Running,
) -> None:
    """The last one: it ends the portal."""
    helped = 'esr_requests_total{method="GET",page="help",status="200"}'
    production.get("/help/", **THROUGH_THE_PROXY)
    before, (master, killed, other) = value(production, helped), servers(production)
    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: len(servers(production)) == 3 and killed not in servers(production))
    assert {master, other} < set(servers(production)), "the others go on"
    _, *workers = servers(production)
    os.kill(master, signal.SIGHUP)
    wait_until(lambda: len(servers(production)) == 3 and not set(workers) & set(servers(production)))
    # The portal can be shut for a moment: the new ones have two seconds here.
    wait_until(production.is_there)
    assert value(production, helped) == before > 0
    production.get("/", Host="elsewhere.example")
    os.kill(master, signal.SIGKILL)
    production.process.wait(timeout=portal.PATIENCE)
    for message in (
        "The ESR Portal is running at",
        "^started$",
        "^stopped$",
        "Started worker-1",
        "Invalid HTTP_HOST",
        "Unexpected exit from worker",
        "The web server was killed by SIGKILL",
    ):
        assert has_said(production, message), (message, production.printed)
