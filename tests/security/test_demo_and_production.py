"""The demo and production never meet: neither runs on the other's data, nor the demo where the public is."""

from __future__ import annotations

import contextlib
import re
import shutil
import signal
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.processes import family
from tests.support import portal
from tests.support.portal import ROOT, SAFE, Running, all_gone

pytestmark = pytest.mark.own_processes

DEMO = {"DEMO": "1"}
FROM_TRUSTED = {
    "Host": "esr.example.nhs.uk",
    "X_Forwarded_Proto": "https",
    "X_Forwarded_For": "203.0.113.7",
}
Row = dict[str, object]
PEOPLE = ("accounts_user", "accounts_organisation", "accounts_emaildomain", "accounts_trustednetwork", "hub_notice")


@pytest.fixture
def state(demo: Running, tmp_path: Path) -> Path:
    """Return a state folder with what a demo has made."""
    (kept,) = portal._first_demo
    shutil.copytree(kept, tmp_path, dirs_exist_ok=True)
    return tmp_path


@contextlib.contextmanager
def database(state: Path) -> Iterator[sqlite3.Connection]:
    with contextlib.closing(sqlite3.connect(state / portal.DATABASE)) as connection, connection:
        yield connection


def rows(state: Path, *, at_most: dict[str, list[Row]] | None = None) -> dict[str, list[Row]]:
    """Return what people have put in; `at_most` are rows of a version before, whose columns alone are wanted."""
    with database(state) as connection:
        connection.row_factory = sqlite3.Row
        found = {
            table: [dict(row) for row in connection.execute(f"SELECT * FROM {table} ORDER BY id")]  # noqa: S608
            for table in PEOPLE
        }
    for table, former in (at_most or {}).items():
        columns = set().union(*former)
        found[table] = [{name: value for name, value in row.items() if name in columns} for row in found[table]]
    return found


@pytest.fixture
def version_before(of_the_version_before: Path, tmp_path: Path) -> Path:
    """Return a state folder as the demo of the version before there were marks has left it."""
    shutil.copytree(of_the_version_before, tmp_path, dirs_exist_ok=True)
    return tmp_path


@pytest.fixture(scope="module")
def of_the_version_before(demo: Running, tmp_path_factory: pytest.TempPathFactory) -> Path:
    (kept,) = portal._first_demo
    folder = tmp_path_factory.mktemp("version-before")
    shutil.copytree(kept, folder, dirs_exist_ok=True)
    back = portal.outcome("manage.py", "migrate", "accounts", "0006", state=folder, variables=DEMO)
    assert back.returncode == 0, back.stderr
    return folder


def make_it_real(state: Path) -> None:
    """Let a real person be on record, as after `DEMO=0 make run` on the folder of the demo of the version before."""
    with database(state) as connection:
        connection.execute("UPDATE accounts_user SET email = 'jo@northern.nhs.uk' WHERE given_name = 'Chloe'")


def refused(*command: str, state: Path, variables: dict[str, str]) -> str:
    """Run a command that must refuse; return what it says, which is one fault."""
    ended = portal.outcome(*command, state=state, variables=variables)
    assert ended.returncode != 0
    assert "Traceback" not in ended.stderr
    said = [line for line in portal.said(ended.stderr) if line.startswith("Cannot start: ") or "(esr_portal." in line]
    assert len(said) == 1, ended.stderr
    return ended.stderr


COMMANDS = {
    "make run": ("-m", "esr_portal.run"),
    "the server": ("-m", "granian", "--interface", "wsgi", "esr_portal.wsgi:application"),
    "check": ("manage.py", "check", "--deploy"),
    "migrate": ("manage.py", "migrate"),
}


@pytest.mark.parametrize("name", ["make run", "the server"])
def test_production_refuses_the_demos_database(state: Path, name: str) -> None:
    """Threat: `make run` and then `DEMO=0 make run`: an operator's password stands on a public page."""
    assert "manage.py clear_demo" in refused(*COMMANDS[name], state=state, variables=SAFE)


def test_production_starts_once_the_demo_is_cleared_and_believes_no_proxy_and_all_of_it_stops(
    state: Path, demo: Running
) -> None:
    """Threat: an attacker writes their own X-Forwarded-For, or claims TLS, past the proxy (allauth 65.14.2).

    Threat: a stand-in beside the real portal lets an attacker in as any person.
    """
    listed = portal.outcome("manage.py", "clear_demo", state=state, variables=SAFE)
    assert listed.returncode != 0
    assert "101AOKAFOR01" in listed.stdout
    assert "add --yes" in listed.stderr
    assert portal.outcome("manage.py", "clear_demo", "--yes", state=state, variables=SAFE).returncode == 0
    assert not any(rows(state).values())
    assert not (state / portal.SECRET_KEY).exists()
    with portal.running(state=state, variables=SAFE) as running:
        assert running.get("/health/ready", Host="esr.example.nhs.uk").status == 200
        # Without a proxy to believe, no request comes over TLS, whatever it says.
        assert running.get("/log-in/", **FROM_TRUSTED).status == 301
        processes = family(running.process.pid)
        assert not any("demo.care_identity" in Path(f"/proc/{pid}/cmdline").read_text() for pid in processes)
        assert "Care Identity" not in running.printed
        assert not (state / "care-identity").exists()
        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(timeout=portal.PATIENCE) == 0
    assert all_gone(processes)
    # Another portal on this machine goes on.
    assert demo.get("/health/ready").status == 200


@pytest.mark.parametrize("name", ["make run", "the server", "migrate"])
def test_the_demo_refuses_the_database_of_a_production(version_before: Path, name: str) -> None:
    """Threat: people with a published password among real ones, in a database of the version before too."""
    state = version_before
    make_it_real(state)
    before = rows(state)
    said = refused(*COMMANDS[name], state=state, variables=DEMO)
    assert "no demo made" in said
    assert "DEMO=0" in said
    assert rows(state) == before
    with database(state) as connection:
        assert not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'accounts_demomark'").fetchall()


def test_a_demo_of_the_version_before_starts_as_it_was(version_before: Path) -> None:
    state = version_before
    before = rows(state)
    with portal.running(state=state, variables=DEMO) as running:
        assert "Amina Okafor" in running.get("/demo/").text
        assert rows(state, at_most=before) == before
    assert "manage.py clear_demo" in refused(*COMMANDS["check"], state=state, variables=SAFE)


def test_a_production_of_the_version_before_that_the_demo_was_in_is_refused_after_the_upgrade(
    version_before: Path,
) -> None:
    """Threat: the operator that the demo made before there were marks goes on logging in."""
    state = version_before
    make_it_real(state)
    assert portal.outcome("manage.py", "migrate", state=state, variables=SAFE).returncode == 0
    assert "manage.py clear_demo" in refused(*COMMANDS["make run"], state=state, variables=SAFE)
    assert "no demo made" in refused(*COMMANDS["make run"], state=state, variables=DEMO)


@pytest.mark.parametrize(
    "public",
    [
        {"BASE_URL": "https://localhost:8000"},
        {"ALLOWED_HOSTS": "localhost,esr.example.nhs.uk"},
    ],
    ids=lambda public: " ".join(public.values()),
)
def test_the_demo_refuses_a_public_address(tmp_path: Path, public: dict[str, str]) -> None:
    """Threat: the demo's inbox and stand-in answer on the real host name. See tests/unit/test_demo_hosts.py too."""
    said = refused(*COMMANDS["make run"], state=tmp_path, variables={**DEMO, **public})
    assert next(iter(public)) in said
    assert "DEMO=0" in said
    assert not (tmp_path / portal.DATABASE).exists()


def test_the_demo_answers_on_a_phone_and_not_on_a_public_name(demo: Running) -> None:
    """Threat: a proxy that is there already leads a public name to the port on which the demo runs now."""
    for host in ("192.168.1.20:8000", "ward-laptop.local", "[::1]:8000"):
        assert demo.get("/demo/", Host=host).status == 200
    for path in ("/", "/demo/", "/demo/inbox/", "/log-in/"):
        assert demo.get(path, Host="esr.example.nhs.uk").status == 400


def test_check_says_nothing_where_there_is_no_database_and_makes_none(tmp_path: Path) -> None:
    elsewhere = {"DATABASE_URL": f"sqlite:///{tmp_path / 'none.sqlite3'}"}
    unreachable = {"DATABASE_URL": "postgres://portal:secret@127.0.0.1:1/esr"}
    for variables in (elsewhere, unreachable):
        ended = portal.outcome("manage.py", "check", "--deploy", state=tmp_path, variables=SAFE | variables)
        assert ended.returncode == 0, ended.stderr
    assert not (tmp_path / "none.sqlite3").exists()


def test_make_run_with_the_variables_of_production_asks_which_it_is(tmp_path: Path) -> None:
    """Threat: the demo in a database of 5,000 real people, because DEMO was not said."""
    (command,) = re.findall(r"-m (esr_portal\.run .*)", (ROOT / "Makefile").read_text(encoding="utf-8"))
    variables = {name: value for name, value in SAFE.items() if name != "DEMO"}
    variables["DATABASE_URL"] = f"sqlite:///{tmp_path / 'real.sqlite3'}"
    said = refused("-m", *command.split(), state=tmp_path, variables=variables)
    for part in ("DATABASE_URL", "SECRET_KEY", "DEMO=0 make run", "DEMO=1 make run"):
        assert part in said
    assert "real.sqlite3" not in said
    assert not list(tmp_path.iterdir())
