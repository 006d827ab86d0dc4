"""The processes that `make run` starts: they come and go together, and say what is wrong."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import signal
import socket
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import requests

from bench.processes import family
from esr_portal import run
from tests.support import portal
from tests.support.portal import SAFE, Running, all_gone, wait_until

if TYPE_CHECKING:
    from pytest_django import Settings

pytestmark = pytest.mark.own_processes

DEMO = {"DEMO": "1"}


@pytest.fixture(scope="module")
def told_demo(demo: Running, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Return a demo beside it, started for the second time, that is told of a mail server and a Care Identity."""
    given = {
        "EMAIL_URL": "smtp://127.0.0.1:1",
        "CARE_IDENTITY_DISCOVERY_URL": "http://localhost:1/.well-known/openid-configuration",
        "CARE_IDENTITY_CLIENT_ID": "made-up.apps.national",
        "CARE_IDENTITY_CLIENT_SECRET": "made-up",
    }
    state = tmp_path_factory.mktemp("told-demo")
    with portal.running(state=state, variables={**DEMO, **given}) as running:
        yield running


def commands(running: Running) -> list[str]:
    return [Path(f"/proc/{pid}/cmdline").read_text() for pid in family(running.process.pid)]


def all_printed(running: Running) -> str:
    """Return what a demo prints once it is ready, to its last line."""
    wait_until(lambda: "State is kept in" in running.printed)
    return running.printed


def test_a_taken_port_is_said_with_the_variable_to_set(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = portal.outcome("-m", "esr_portal.run", state=tmp_path, variables={**DEMO, "PORT": str(port)})
    assert ended.returncode == 1
    assert f"Port {port} is taken. Choose another: make run PORT={port + 1}" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("error", "port", "says"),
    [
        (errno.EADDRINUSE, 8000, "Port 8000 is taken. Choose another: make run PORT=8001"),
        (errno.EADDRINUSE, 65535, "Port 65535 is taken. Choose another: make run PORT=65534"),
        (errno.EACCES, 80, "Port 80 is for root alone. Name one from 1024 on"),
        (errno.EADDRNOTAVAIL, 8000, "GRANIAN_HOST is no address of this machine"),
        (errno.EAFNOSUPPORT, 8000, "GRANIAN_HOST is no address of this machine"),
    ],
)
def test_why_a_port_cannot_be_opened_is_said(error: int, port: int, says: str) -> None:
    assert run._why_not(OSError(error, "x"), port).startswith(says)


def test_an_address_of_another_machine_is_said_with_its_variable(settings: Settings) -> None:
    settings.HOST, settings.PORT = "192.0.2.1", portal.free_port()
    with pytest.raises(run.CannotStart, match="GRANIAN_HOST is no address"), run._port_to_ourselves():
        pass


def test_a_database_that_does_not_answer_is_said_with_its_variable(tmp_path: Path) -> None:
    variables = SAFE | {"DATABASE_URL": "postgres://hunter2@127.0.0.1:1/esr"}
    ended = portal.outcome("-m", "esr_portal.run", state=tmp_path, variables=variables)
    assert ended.returncode == 1
    assert "Cannot start: the database that DATABASE_URL names cannot be used. Is it up?" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert "hunter2" not in ended.stderr


def test_a_state_folder_that_cannot_be_made_is_said_with_its_variable(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "hunter2").touch()
    settings.STATE_DIR = tmp_path / "hunter2" / "state"
    with pytest.raises(run.CannotStart, match="STATE_DIR cannot be made or written to") as refused:
        run._make_state_folder()
    assert "hunter2" not in str(refused.value)


def test_two_run_side_by_side(demo: Running, told_demo: Running) -> None:
    assert demo.port != told_demo.port
    assert demo.get("/health/ready").status == told_demo.get("/health/ready").status == 200


def test_a_second_start_changes_nothing_and_locks_again(told_demo: Running) -> None:
    (first,) = portal._first_demo
    assert counts(told_demo.state) == counts(first)
    assert "Locked until" in told_demo.get("/demo/").text


def counts(state: Path) -> dict[str, int]:
    """Return how many rows the tables have that the demo fills."""
    tables = ("accounts_user", "accounts_organisation", "accounts_passwordhistory", "hub_notice", "hub_application")
    with contextlib.closing(sqlite3.connect(state / portal.DATABASE)) as database:
        return {table: database.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables}  # noqa: S608


def test_another_mail_server_is_used_where_one_is_given(told_demo: Running) -> None:
    assert not any("demo.mail_server" in line for line in commands(told_demo))
    page = told_demo.get("/demo/inbox/").text
    assert "Mail goes to the mail server 127.0.0.1:1 and not into the demo inbox." in page


def test_another_care_identity_is_used_where_one_is_given(told_demo: Running) -> None:
    assert not any("demo.care_identity" in line for line in commands(told_demo))
    assert "Care Identity    as CARE_IDENTITY_* say" in all_printed(told_demo)


def test_the_demo_has_a_stand_in_for_care_identity_that_the_portal_offers(demo: Running) -> None:
    """A port a thousand above the portal's may well be another program's: that is no obstacle."""
    said = re.search(r"Care Identity +(http://localhost:([0-9]+))/ ", all_printed(demo))
    assert said, demo.printed
    address, port = said[1], int(said[2])
    assert port != demo.port + 1000
    document = requests.get(f"{address}/.well-known/openid-configuration", timeout=portal.PATIENCE).json()
    assert document["stand_in"] is True
    assert document["issuer"] == address
    assert "Log in with my Care Identity" in demo.get("/log-in/").text
    assert requests.get(f"http://localhost:{demo.port}/care-identity/keys.json", timeout=60).json()["keys"]
    key = demo.state / "care-identity-client-key.pem"
    assert key.stat().st_mode & 0o777 == 0o600


def test_when_one_process_ends_all_do_and_it_is_said(demo: Running) -> None:
    """Nothing is restarted silently: a portal that sends no mail looks like one that does.

    That it is so whichever process ends is shown in tests/unit/test_processes.py. It is the last test here, because it
    ends the demo of the others.
    """
    running = demo
    processes = family(running.process.pid)
    assert len(processes) >= 6
    worker = next(pid for pid in processes if b"work" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0"))
    os.kill(worker, signal.SIGKILL)
    assert running.process.wait(timeout=portal.PATIENCE) == 1
    assert "The mail worker was killed by SIGKILL." in running.printed
    wait_until(lambda: all_gone(processes))
