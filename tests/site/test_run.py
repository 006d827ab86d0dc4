"""The processes that `make run` starts: they come and go together, and say what is wrong."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import sqlite3
from pathlib import Path

import pytest
import requests

from bench.processes import family
from tests.support import portal
from tests.support.portal import Running, wait_until

pytestmark = pytest.mark.own_processes

DEMO = {"DEMO": "1"}


def is_alive(pid: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def all_gone(pids: list[int]) -> bool:
    return not any(is_alive(pid) for pid in pids)


def pid_of(running: Running, words: str) -> int:
    """Return the first process of a running portal whose command line has `words` in it."""
    lines = {pid: Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ") for pid in family(running.process.pid)}
    return next(pid for pid, line in lines.items() if words in line)


def test_stopping_it_stops_everything(tmp_path: Path) -> None:
    with portal.running(state=tmp_path, variables=DEMO) as running:
        processes = family(running.process.pid)
        assert len(processes) >= 6
        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(timeout=portal.PATIENCE) == 0
    assert all_gone(processes)


def test_when_it_is_killed_nothing_of_it_lives_on(tmp_path: Path) -> None:
    """A server left behind would keep the port, and serve code and data of a version before."""
    with portal.running(state=tmp_path, variables=DEMO) as running:
        processes = family(running.process.pid)
        running.process.kill()
        wait_until(lambda: all_gone(processes))


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("manage.py work", "mail worker"),
        ("granian", "web server"),
        ("demo.mail_server", "demo mail"),
        ("demo.care_identity", "stand-in Care Identity"),
    ],
)
def test_when_one_process_ends_all_do_and_it_is_said(tmp_path: Path, words: str, name: str) -> None:
    """Nothing is restarted silently: a portal that sends no mail looks like one that does."""
    with portal.running(state=tmp_path, variables=DEMO) as running:
        processes = family(running.process.pid)
        os.kill(pid_of(running, words), signal.SIGKILL)
        assert running.process.wait(timeout=portal.PATIENCE) == 1
        assert f"The {name}" in running.printed
        assert "was killed by SIGKILL." in running.printed
    wait_until(lambda: all_gone(processes))


def test_a_taken_port_is_said_with_the_variable_to_set(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = portal.outcome("-m", "esr_portal.run", state=tmp_path, variables={**DEMO, "PORT": str(port)})
    assert ended.returncode == 1
    assert f"Port {port} is taken. Choose another: make run PORT={port + 1}" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_second_start_changes_nothing_and_locks_again(tmp_path: Path) -> None:
    with portal.running(state=tmp_path, variables=DEMO):
        pass
    first = counts(tmp_path)
    with portal.running(state=tmp_path, variables=DEMO) as running:
        assert counts(tmp_path) == first
        assert "Locked until" in running.get("/demo/").text


def counts(state: Path) -> dict[str, int]:
    """Return how many rows the tables have that the demo fills."""
    tables = ("accounts_user", "accounts_organisation", "accounts_passwordhistory", "hub_notice", "hub_application")
    with sqlite3.connect(state / "esr-portal.sqlite3") as database:
        found = {table: database.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables}  # noqa: S608
    database.close()
    return found


def test_another_mail_server_is_used_where_one_is_given(tmp_path: Path) -> None:
    with portal.running(state=tmp_path, variables={**DEMO, "EMAIL_URL": "smtp://127.0.0.1:1"}) as running:
        assert not any("demo.mail_server" in line for line in commands(running))
        page = running.get("/demo/inbox/").text
    assert "Mail goes to the mail server 127.0.0.1:1 and not into the demo inbox." in page


def commands(running: Running) -> list[str]:
    return [Path(f"/proc/{pid}/cmdline").read_text() for pid in family(running.process.pid)]


def test_two_run_side_by_side(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    with (
        portal.running(state=tmp_path / "one", variables=DEMO) as one,
        portal.running(state=tmp_path / "two", variables=DEMO) as two,
    ):
        assert one.port != two.port
        assert one.get("/health/ready").status == two.get("/health/ready").status == 200


def all_printed(running: Running) -> str:
    """Return what a demo prints once it is ready, to its last line."""
    wait_until(lambda: "State is kept in" in running.printed)
    return running.printed


def care_identity_of(running: Running) -> str:
    """Return where the stand-in of a running portal is, as it printed it."""
    said = re.search(r"Care Identity +(http://localhost:[0-9]+)/ ", all_printed(running))
    assert said, running.printed
    return said[1]


def test_the_demo_has_a_stand_in_for_care_identity_that_the_portal_offers(tmp_path: Path) -> None:
    with portal.running(state=tmp_path, variables=DEMO) as running:
        address = care_identity_of(running)
        document = requests.get(f"{address}/.well-known/openid-configuration", timeout=portal.PATIENCE).json()
        assert document["stand_in"] is True
        assert document["issuer"] == address
        assert "Log in with my Care Identity" in running.get("/log-in/").text
        assert requests.get(f"http://localhost:{running.port}/care-identity/keys.json", timeout=60).json()["keys"]
    key = tmp_path / "care-identity-client-key.pem"
    assert key.stat().st_mode & 0o777 == 0o600


def test_a_taken_port_of_the_stand_in_is_no_obstacle(tmp_path: Path) -> None:
    """A port a thousand above the portal's may well be another program's."""
    with contextlib.ExitStack() as taken:
        port = next(port for _ in range(50) if is_free((port := portal.free_port()) + 1000))
        taken.enter_context(socket.create_server(("127.0.0.1", port + 1000)))
        with portal.running(state=tmp_path, variables=DEMO, port=port) as running:
            assert care_identity_of(running) != f"http://localhost:{port + 1000}"
            address = f"{care_identity_of(running)}/.well-known/openid-configuration"
            assert requests.get(address, timeout=portal.PATIENCE).status_code == 200


def is_free(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
        return True
    return False


def test_another_care_identity_is_used_where_one_is_given(tmp_path: Path) -> None:
    given = {
        "CARE_IDENTITY_DISCOVERY_URL": "http://localhost:1/.well-known/openid-configuration",
        "CARE_IDENTITY_CLIENT_ID": "made-up.apps.national",
        "CARE_IDENTITY_CLIENT_SECRET": "made-up",
    }
    with portal.running(state=tmp_path, variables={**DEMO, **given}) as running:
        assert not any("demo.care_identity" in line for line in commands(running))
        assert "Care Identity    as CARE_IDENTITY_* say" in all_printed(running)


def test_production_starts_no_stand_in(tmp_path: Path) -> None:
    """Threat: a stand-in beside the real portal lets an attacker in as any person."""
    with portal.running(state=tmp_path, variables=portal.SAFE) as running:
        assert not any("demo.care_identity" in line for line in commands(running))
        assert "Care Identity" not in running.printed
        assert not (tmp_path / "care-identity").exists()
