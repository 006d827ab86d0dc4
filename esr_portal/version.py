"""Which version of the portal this is: what pyproject.toml says, which is the one place that says it."""

from __future__ import annotations

import tomllib
from pathlib import Path

_PROJECT = Path(__file__).resolve().parent.parent / "pyproject.toml"


def read() -> str:
    """Return the version, like "0.1.0". The portal is run from its folder and not installed, so no package says it."""
    version: str = tomllib.loads(_PROJECT.read_text(encoding="utf-8"))["project"]["version"]
    return version
