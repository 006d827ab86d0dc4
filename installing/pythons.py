"""Which Python .venv is made with: the one that runs this, unless the system has one that is built to be faster."""

from __future__ import annotations

import os
import sys
import sysconfig
from pathlib import Path

from installing.commands import answers, run

SYSTEM = "/usr/bin/python3"
OLDEST = (3, 11)
_WHICH = "import sys; print(sys.base_prefix, *sys.version_info[:3])"


def chosen(*, named: bool, system: str = SYSTEM) -> tuple[str, str]:
    """Return the Python to make .venv with, and why that one. One that the person `named` is taken as it is."""
    this = sys.executable
    if named:
        return this, "as it was named"
    configured = str(sysconfig.get_config_var("CONFIG_ARGS") or "")
    if is_optimised(configured, prefix=sys.base_prefix) or not _is_new_enough(system):
        return this, "which runs this"
    why = f"as {this} was built without optimisations, as pyenv does, and is 5 to 10 % slower. Another: make PYTHON=…"
    return system, why


def is_optimised(configured: str, *, prefix: str) -> bool:
    """Return whether a Python was built with optimisations, from how it was configured and where it is.

    A distribution's own always is; Debian's does not say so in how it was configured.
    """
    return "--enable-optimizations" in configured or prefix == "/usr"


def is_made_with(venv: Path, python: str) -> bool:
    """Return whether a virtual environment works and is one of this Python."""
    own = venv / "bin" / "python"
    if not own.exists():
        return False
    this, that = (run([path, "-c", _WHICH], silent=True) for path in (str(own), python))
    return this.code == 0 and this.words == that.words


def _is_new_enough(python: str) -> bool:
    if not os.access(python, os.X_OK):
        return False
    return answers([python, "-c", f"import sys; sys.exit(sys.version_info[:2] < {OLDEST})"])
