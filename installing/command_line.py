"""The command line of `bootstrap.py`: what is wanted, one run at a time, and what went wrong in words."""

from __future__ import annotations

import argparse
import fcntl
import sys
from pathlib import Path

from installing import built, fetch, for_tests, packages
from installing.commands import TOOLS, Outcome
from installing.failures import CannotInstall, cause_of, told


def main(*, help_text: str) -> None:
    """Install what the wanted target needs, while no other bootstrap of this folder runs."""
    parser = argparse.ArgumentParser(description=help_text, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wanted", nargs="?", default="run", choices=[*packages.GROUPS, "test", "lock", "fetch"])
    parser.add_argument("folder", nargs="?", type=Path, metavar="FOLDER")
    parser.add_argument("--this-python", action="store_true")
    asked = parser.parse_args()
    if (asked.wanted == "fetch") != (asked.folder is not None):
        parser.error("fetch takes a folder, and nothing else does")
    try:
        TOOLS.mkdir(exist_ok=True)
        with (TOOLS / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            _install(asked.wanted, asked.folder, named=asked.this_python)
    except CannotInstall as problem:
        sys.exit(f"\n{problem}\n")
    except OSError as problem:
        if cause_of(str(problem)) is None:
            raise
        sys.exit(f"\n{told('The installation stopped', Outcome(1, str(problem)))}\n")


def _install(wanted: str, folder: Path | None, *, named: bool) -> None:
    """Do what is wanted. Raises CannotInstall."""
    if wanted == "lock":
        packages.check_lock()
        return
    packages.install({"test": "check", "fetch": "run"}.get(wanted, wanted), named=named)
    if folder:
        fetch.fill(folder.resolve())
        return
    built.build()
    if wanted == "test":
        for_tests.install_browser()
        for_tests.install_servers()
