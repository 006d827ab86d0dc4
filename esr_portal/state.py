"""Where the portal keeps its state when STATE_DIR says nothing. Read before the settings, so it knows none of them."""

from __future__ import annotations

import secrets
from pathlib import Path

DATABASE = "esr-portal.sqlite3"
# Made by the demo, and by nothing else.
DEMO_KEY = "secret-key"


def default_folder(*, base: Path, demo: bool) -> Path:
    """Return the state folder of a portal in the folder `base`: `var/demo` of the demo, `var` of production.

    Version 0.1.0 had both in `var`. A demo that is there, and has none of this version beside it, stays there.
    """
    production = base / "var"
    folder = production / "demo"
    is_older = (production / DEMO_KEY).exists() and (production / DATABASE).exists()
    return folder if demo and not (is_older and not (folder / DATABASE).exists()) else production


def demo_secret_key(file: Path) -> str:
    """Return a key of this demo's own, made once and kept in `file`, so that restarts keep people logged in."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(48), encoding="ascii")
    return file.read_text(encoding="ascii")
