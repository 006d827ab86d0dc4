"""Filling a folder from which the portal is installed on a machine without network: wheels, and npm's packages."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from installing import packages, sources, uv
from installing.commands import PYTHON, ROOT, VENV, Outcome, run, say
from installing.failures import told

_DOING = "The folder could not be filled"
# What npm reads: what is needed, as which packages, and its own settings.
_OF_NPM = ("package.json", "package-lock.json", ".npmrc")


def fill(folder: Path) -> None:
    """Fill `folder` with all that `run` installs, for machines with this Python and processor. Raises CannotInstall."""
    environment = sources.for_installers(uv.pip())
    wheels = folder / sources.WHEELS
    # Wheels of a version before would only take room.
    shutil.rmtree(wheels, ignore_errors=True)
    wheels.mkdir(parents=True)
    say("Fetching Python packages …")
    with packages.requirements(["fetch"]) as wanted:
        command = [uv.find(), "pip", "install", "--quiet", "--python", str(PYTHON), *packages.SAFELY, "--requirement"]
        _must(run([*command, wanted], environment=environment))
    with packages.requirements([*packages.GROUPS["run"], "fetch"]) as wanted:
        command = [str(PYTHON), "-m", "pip", "download", "--quiet", *packages.SAFELY, "--dest", str(wheels)]
        _must(run([*command, "--requirement", wanted], environment=environment))
    say("Fetching npm's packages …")
    with tempfile.TemporaryDirectory() as copy:
        for name in _OF_NPM:
            shutil.copy(ROOT / name, copy)
        npm = str(VENV / "bin" / "npm")
        asked = [npm, "config", "get", "registry", "--loglevel=silent"]
        registry = run(asked, silent=True, environment=environment, folder=Path(copy))
        _must(registry)
        cache = {**environment, "npm_config_cache": str(folder / sources.NPM)}
        _must(run([npm, "ci", "--no-progress", "--loglevel=error"], environment=cache, folder=Path(copy)))
    (folder / sources.NPM_REGISTRY).write_text(registry.words, encoding="utf-8")
    say(f"Filled. On a machine with the same Python and processor: OFFLINE_FOLDER={folder} make run")


def _must(outcome: Outcome) -> None:
    if outcome.code:
        raise told(_DOING, outcome)
