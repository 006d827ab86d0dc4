"""Python packages: .venv holds what uv.lock names, whichever index or folder they come from, known by their digests.

`uv sync` asks the index that uv.lock names, or calls the lock file out of date where another one is configured. So what
is locked is written out, with digests, and installed from the index of this machine.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from installing import pythons, sources, uv
from installing.commands import PYTHON, ROOT, VENV, answers, run, say
from installing.failures import CannotInstall, told

GROUPS = {
    "run": ["build", "demo"],
    "check": ["build", "demo", "dev"],
    "mutants": ["build", "demo", "dev", "mutants"],
}
_DOING = "The Python packages could not be installed"
# What uv says where it would have to find out anew what is needed, which it may not.
_OUT_OF_DATE = re.compile("No solution found|needs to be updated")
# Nothing of theirs may run while they are installed, and each is one that the lock file knows.
SAFELY = ("--require-hashes", "--no-deps", "--only-binary", ":all:")


def install(scope: str, *, named: bool) -> None:
    """Make .venv hold what uv.lock names for `scope`, on a Python `named` or chosen. Raises CannotInstall."""
    lock = hashlib.sha256((ROOT / "uv.lock").read_bytes() + (ROOT / "pyproject.toml").read_bytes()).hexdigest()
    stamp = VENV / ".installed-from"
    scopes = list(GROUPS)
    # What was installed for more is enough for less.
    fitting = {f"{wider} {lock}" for wider in scopes[scopes.index(scope) :]}
    installed = stamp.exists() and stamp.read_text(encoding="ascii") in fitting and answers([str(PYTHON), "--version"])
    # What is installed is left as it is, on whichever Python, unless another one was asked for.
    if installed and not named:
        return
    python, why = pythons.chosen(named=named)
    if installed and pythons.is_made_with(VENV, python):
        return
    command = uv.find()
    check_lock()
    environment = sources.for_installers(uv.pip())
    stamp.unlink(missing_ok=True)
    if not pythons.is_made_with(VENV, python):
        say(f"Making .venv with {python}, {why}.")
        made = run([command, "venv", "--quiet", "--clear", "--python", python, str(VENV)], environment=environment)
        if made.code:
            raise told(_DOING, made)
    say("Installing Python packages …")
    folder = sources.offline_folder()
    where = ["--no-index", "--find-links", str(folder / sources.WHEELS)] if folder else []
    # Compiled now, once: each of the portal's processes starts a second sooner.
    options = ["--quiet", "--python", str(PYTHON), "--compile-bytecode", *SAFELY, *where]
    with requirements(GROUPS[scope]) as wanted:
        outcome = run([command, "pip", "install", *options, "--requirement", wanted], environment=environment)
    if outcome.code:
        raise told(_DOING, outcome)
    stamp.write_text(f"{scope} {lock}", encoding="ascii")


@contextmanager
def requirements(groups: list[str]) -> Iterator[str]:
    """Give the name of a file with what uv.lock names for these groups, each with its digests, while it is needed."""
    options = ["--frozen", "--no-emit-project", "--no-default-groups", "--no-annotate", "--quiet", "--offline"]
    chosen = [argument for group in groups for argument in ("--group", group)]
    with tempfile.TemporaryDirectory() as folder:
        written = f"{folder}/requirements.txt"
        outcome = run([uv.find(), "export", *options, *chosen, "--output-file", written], quiet=True)
        if outcome.code:
            raise told(_DOING, outcome)
        yield written


def check_lock() -> None:
    """Raise CannotInstall where uv.lock is not what pyproject.toml asks for. Asks no server."""
    # The index that the lock file was written from is meant, whichever this machine installs from.
    blank = {name: "" for name in os.environ if name.startswith(("UV_INDEX", "UV_EXTRA_INDEX", "UV_FIND_LINKS"))}
    command = [uv.find(), "lock", "--check", "--offline", "--default-index", "https://pypi.org/simple"]
    outcome = run(command, silent=True, environment={**blank, "UV_DEFAULT_INDEX": ""})
    if outcome.code and _OUT_OF_DATE.search(outcome.words):
        raise CannotInstall("uv.lock is not what pyproject.toml asks for. Run: uv lock")
    if outcome.code:
        say(outcome.words)
        raise told("uv.lock could not be compared with pyproject.toml", outcome)
