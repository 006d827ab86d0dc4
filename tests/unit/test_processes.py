"""Processes that live and die together. What they do does not matter, so here they sleep."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.processes import family
from tests.support.portal import PATIENCE, ROOT, all_gone, wait_until

NAMES = ("mail worker", "web server", "stand-in Care Identity")
# The second has a child of its own, as the web server has its workers.
PARENT = """
import sys
from esr_portal.processes import Family, StoppedByItself
family = Family()
family.stop_on_signals()
try:
    family.start("mail worker", ["sleep", "1001"], environment={})
    family.start("web server", ["sh", "-c", "sleep 30 & sleep 30; true"], environment={})
    family.start("stand-in Care Identity", ["sleep", "1004"], environment={})
    print("started", flush=True)
    family.watch()
except StoppedByItself as problem:
    sys.exit(str(problem))
finally:
    family.stop()
"""


@pytest.fixture
def parent() -> Iterator[subprocess.Popen[str]]:
    """Return a process that has started the three and watches them."""
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as started:
        assert started.stdout
        assert started.stdout.readline() == "started\n"
        # The second of the three is a shell with two children.
        wait_until(lambda: len(family(started.pid)) == 1 + len(NAMES) + 2)
        yield started


def pid_of(parent: subprocess.Popen[str], name: str) -> int:
    """Return the process that was started under a name."""
    children = (Path(f"/proc/{parent.pid}/task/{parent.pid}/children")).read_text().split()
    return int(children[NAMES.index(name)])


@pytest.mark.parametrize("name", NAMES)
def test_when_one_ends_all_do_and_it_is_said_which(parent: subprocess.Popen[str], name: str) -> None:
    processes = family(parent.pid)
    os.kill(pid_of(parent, name), signal.SIGKILL)
    _, said = parent.communicate(timeout=PATIENCE)
    assert parent.returncode == 1
    assert said == f"The {name} was killed by SIGKILL.\n"
    assert all_gone(processes)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_stopping_the_parent_stops_all(parent: subprocess.Popen[str], number: int) -> None:
    processes = family(parent.pid)
    parent.send_signal(number)
    _, said = parent.communicate(timeout=PATIENCE)
    assert (parent.returncode, said) == (0, "")
    assert all_gone(processes)


def test_when_the_parent_is_killed_its_children_end(parent: subprocess.Popen[str]) -> None:
    """A server left behind would keep the port, and serve code and data of a version before."""
    children = [pid_of(parent, name) for name in NAMES]
    parent.kill()
    wait_until(lambda: all_gone([parent.pid, *children]))
