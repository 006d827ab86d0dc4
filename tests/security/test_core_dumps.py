"""Threat: a process that crashes leaves a file with the passwords that people typed and the portal's keys."""

from __future__ import annotations

import os
import resource
import runpy
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from esr_portal import core_dumps


def in_a_child(do: Callable[[], int]) -> int:
    """Do something in a process of its own; return the status that it ends with (waitpid)."""
    pid = os.fork()
    if not pid:
        try:
            os._exit(do())
        finally:
            os._exit(99)
    return os.waitpid(pid, 0)[1]


def crash(folder: Path, *, private: bool) -> int:
    """Let a process crash in `folder` where files of any size may be written; return its status."""

    def do() -> int:
        os.chdir(folder)
        resource.setrlimit(resource.RLIMIT_CORE, (resource.getrlimit(resource.RLIMIT_CORE)[1],) * 2)
        if private:
            core_dumps.keep_memory_private()
        signal.signal(signal.SIGSEGV, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGSEGV)
        return 1

    return in_a_child(do)


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_process_that_crashes_writes_no_core_dump(tmp_path: Path) -> None:
    status = crash(tmp_path, private=True)
    assert os.WTERMSIG(status) == signal.SIGSEGV
    assert not os.WCOREDUMP(status)
    assert not list(tmp_path.iterdir())


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_its_memory_is_closed_to_other_processes_of_its_user() -> None:
    def do() -> int:
        # The portal may have been loaded into the process of the tests.
        core_dumps._libc.prctl(core_dumps.PR_SET_DUMPABLE, 1, 0, 0, 0)
        before = core_dumps.is_private()
        core_dumps.keep_memory_private()
        return int(before or not core_dumps.is_private())

    assert in_a_child(do) == 0


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_so_is_that_of_the_master_of_the_web_server() -> None:
    def do() -> int:
        core_dumps._libc.prctl(core_dumps.PR_SET_DUMPABLE, 1, 0, 0, 0)
        sys.argv = ["granian", "--version"]
        try:
            runpy.run_module("esr_portal.web_server", run_name="__main__")
        except SystemExit:
            return int(not core_dumps.is_private())
        return 98

    assert in_a_child(do) == 0
