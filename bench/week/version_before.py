"""The version before this one, out of the repository: what an upgrade begins with."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
from typing import TYPE_CHECKING

from bench.portal import ROOT

if TYPE_CHECKING:
    from pathlib import Path

GIT = shutil.which("git")
# What is installed and not built: the same for both versions.
INSTALLED = ("node_modules", "leaked-passwords.filter")


def newest_before_the_last_migration() -> str:
    """Return the commit before the newest one that has a migration, or "" where there is no history to look in."""
    found = _git("log", "-1", "--format=%H", "--", "*/migrations/*.py")
    return _git("rev-parse", "--verify", "--quiet", f"{found}^1") if found else ""


def unpacked(commit: str, *, into: Path) -> Path:
    """Unpack a version into a new folder, and build what it builds; return the folder.

    It runs on the packages that are installed for this version.
    """
    into.mkdir()
    packed = into.with_suffix(".tar")
    _git("archive", "--output", str(packed), commit)
    with tarfile.open(packed) as archive:
        archive.extractall(into, filter="data")
    for name in INSTALLED:
        (into / name).symlink_to(ROOT / name)
    for built in ("build_static", "build_locale"):
        subprocess.run([sys.executable, "-m", f"esr_portal.{built}"], cwd=into, check=True)
    return into


def _git(*arguments: str) -> str:
    if GIT is None:
        return ""
    answer = subprocess.run([GIT, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    return answer.stdout.strip() if answer.returncode == 0 else ""
