"""Running the commands of installers: what they print is shown, and kept, so that a failure can be told."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TOOLS = ROOT / ".tools"
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"


@dataclass(frozen=True)
class Outcome:
    """How a command ended, and what it printed."""

    code: int
    words: str


def run(
    command: Sequence[str],
    *,
    quiet: bool = False,
    silent: bool = False,
    environment: Mapping[str, str] | None = None,
    folder: Path = ROOT,
) -> Outcome:
    """Run a command in a folder and show what it prints, while it prints it.

    Of a `quiet` one only its errors are shown and kept; of a `silent` one nothing is shown, and all is kept.
    """
    try:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL if quiet else subprocess.PIPE,
            stderr=subprocess.PIPE if quiet else subprocess.STDOUT,
        )
    except OSError as problem:
        return Outcome(127, str(problem))
    printed = process.stderr if quiet else process.stdout
    assert printed is not None  # noqa: S101
    kept = []
    with printed:
        for line in printed:
            words = line.decode(errors="replace")
            kept.append(words)
            if not silent:
                sys.stderr.write(words)
                sys.stderr.flush()
    return Outcome(process.wait(), "".join(kept))


def answers(command: Sequence[str]) -> bool:
    """Return whether a command runs and succeeds, whatever it prints."""
    return run(command, silent=True).code == 0


def say(text: str) -> None:
    """Tell the person at the terminal what takes a while."""
    print(text, file=sys.stderr, flush=True)
