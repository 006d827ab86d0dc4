"""deploy/systemd: units that systemd takes, that are hardened, and that do not start for ever what cannot start."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

UNITS = Path(__file__).resolve().parents[2] / "deploy" / "systemd"
SERVICES = sorted(UNITS.glob("*.service"), key=str)
ANALYZE = shutil.which("systemd-analyze")
# What an unhardened service has is 9.6.
MOST_EXPOSED = 3.0

needs_systemd = pytest.mark.skipif(not ANALYZE, reason="systemd-analyze is not installed: apt-get install systemd")


def said(unit: Path) -> str:
    """Return what a unit says, without its comments."""
    lines = unit.read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if not line.startswith("#"))


@needs_systemd
@pytest.mark.parametrize("unit", [*SERVICES, *UNITS.glob("*.timer")], ids=lambda path: path.name)
def test_systemd_takes_it(unit: Path) -> None:
    """A misspelt setting is left out with a warning that nobody reads."""
    ended = subprocess.run([str(ANALYZE), "verify", "--man=no", str(unit)], capture_output=True, text=True, check=False)
    about_it = [line for line in ended.stderr.splitlines() if "esr-portal" in line]
    assert (ended.returncode, about_it) == (0, [])


@needs_systemd
@pytest.mark.parametrize("unit", SERVICES, ids=lambda path: path.name)
def test_it_is_hardened(unit: Path) -> None:
    """Threat: who has got into the portal's process goes on to the machine."""
    command = [str(ANALYZE), "security", "--offline=true", "--no-pager", str(unit)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    level = re.search(r"Overall exposure level for \S+: ([\d.]+)", ended.stdout)
    assert level, ended.stdout + ended.stderr
    assert float(level[1]) <= MOST_EXPOSED


@pytest.mark.parametrize("unit", SERVICES, ids=lambda path: path.name)
def test_a_refused_setting_does_not_start_for_ever(unit: Path) -> None:
    """78 is what the server and every command end with then: test_malformed_variables_are_named_at_once… shows it."""
    assert "RestartPreventExitStatus=78" in said(unit)
    assert re.search(r"^Restart=(always|on-failure)$", said(unit), re.MULTILINE)


@pytest.mark.parametrize("unit", SERVICES, ids=lambda path: path.name)
def test_it_stays_in_the_folder_of_the_version_that_it_was_started_in(unit: Path) -> None:
    """`current` leads to another folder during an upgrade: a process that followed it would mix two versions."""
    commands = re.findall(r"^Exec\w+=(.*)$", said(unit), re.MULTILINE)
    assert commands
    ours = [command for command in commands if "python" in command]
    assert ours
    assert all('exec "$$(pwd -P)/.venv/bin/python"' in command for command in ours)
    assert not [command for command in ours if "current" in command]


@pytest.mark.parametrize("unit", SERVICES, ids=lambda path: path.name)
def test_it_needs_no_program_of_the_machine_but_a_shell(unit: Path) -> None:
    """/bin/kill is of a package (procps) that a small Debian does not have: a reload failed there."""
    programs = re.findall(r"^Exec\w+=(\S+)", said(unit), re.MULTILINE)
    assert set(programs) == {"/bin/sh"}


@pytest.mark.parametrize("unit", SERVICES, ids=lambda path: path.name)
def test_the_journal_throws_none_of_its_lines_away(unit: Path) -> None:
    """It passes over what is beyond 10,000 lines in 30 seconds, and the cursor of the events is behind them then."""
    assert "LogRateLimitIntervalSec=0" in said(unit).splitlines()


def test_an_instance_is_the_server_at_another_port() -> None:
    one, template = (said(UNITS / f"esr-portal-server{name}.service") for name in ("", "@"))
    without = re.compile(r"^(Conflicts|Description)=.*$", re.MULTILINE)
    assert without.sub("", template.replace("%i", "8000")) == without.sub("", one)


def test_nothing_secret_is_in_a_unit() -> None:
    """Threat: `systemctl show` tells every user of the machine what is in Environment=."""
    for unit in SERVICES:
        assert set(re.findall(r"^Environment=(\w+)=", said(unit), re.MULTILINE)) <= {"STATE_DIR"}
