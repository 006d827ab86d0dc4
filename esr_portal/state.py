"""Where the portal keeps its state when STATE_DIR says nothing, and who can read it. Read before the settings.

The state holds sessions, secrets of the second step and dates of birth: its folder is 700 and its files are 600.
"""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path

DATABASE = "esr-portal.sqlite3"
# Made by the demo, and by nothing else.
DEMO_KEY = "secret-key"

PRIVATE_FOLDER = 0o700
PRIVATE_FILE = 0o600
_OTHERS = 0o077
# What SQLite writes beside its file (SQLite, "Temporary Files Used By SQLite").
_BESIDE = ("", "-wal", "-shm", "-journal")
# Folders that a machine shares (Filesystem Hierarchy Standard 3.0): the portal never takes one away from the others.
_SHARED = frozenset(
    Path(path)
    for path in (
        *("/", "/bin", "/boot", "/dev", "/etc", "/home", "/lib", "/media", "/mnt", "/opt", "/proc", "/root", "/run"),
        *("/sbin", "/srv", "/sys", "/tmp", "/usr", "/usr/local", "/var", "/var/cache", "/var/lib", "/var/log"),  # noqa: S108
        *("/var/opt", "/var/spool", "/var/tmp"),  # noqa: S108
    )
)


class CannotBeKept(Exception):
    """The state cannot be kept, or not kept private. The message says why, without the path that `variable` holds."""

    def __init__(self, message: str, *, variable: str = "STATE_DIR", example: str = "") -> None:
        super().__init__(message)
        self.variable = variable
        self.example = example


def default_folder(*, base: Path, demo: bool) -> Path:
    """Return the state folder of a portal in the folder `base`: `var/demo` of the demo, `var` of production.

    Version 0.1.0 had both in `var`. A demo that is there, and has none of this version beside it, stays there.
    """
    production = base / "var"
    folder = production / "demo"
    is_older = (production / DEMO_KEY).exists() and (production / DATABASE).exists()
    return folder if demo and not (is_older and not (folder / DATABASE).exists()) else production


def keep_folder_private(folder: Path) -> None:
    """Make `folder` if it is not there, and let its owner alone into it. Raises CannotBeKept."""
    if folder in _SHARED:
        raise CannotBeKept("is a folder that this machine shares")
    try:
        folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        found = folder.stat()
        if found.st_mode & _OTHERS:
            folder.chmod(PRIVATE_FOLDER)
    except FileExistsError:
        raise CannotBeKept("is a file") from None
    except OSError:
        put = "Let the portal's user own it and type chmod 700, or name a folder in it that is not there yet."
        raise CannotBeKept("cannot be made, or other users can read it", example=put) from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise CannotBeKept("cannot be written to by the user that the portal runs as")


def keep_file_private(file: Path) -> None:
    """Let the owner of a database or a key alone read it and what SQLite has beside it. Raises CannotBeKept."""
    for name in _BESIDE:
        path = file.with_name(file.name + name)
        try:
            found = path.stat()
            if stat.S_ISREG(found.st_mode) and found.st_mode & _OTHERS:
                path.chmod(PRIVATE_FILE)
        except FileNotFoundError:
            continue
        except OSError:
            raise CannotBeKept(
                "or DATABASE_URL names a file that other users can read",
                example="Run as the file's owner, or type: chmod 600 and the file.",
            ) from None


def demo_secret_key(file: Path) -> str:
    """Return a key of this demo's own, made once and kept in `file`, so that restarts keep people logged in."""
    if not file.exists():
        file.parent.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        file.touch(mode=PRIVATE_FILE)
        file.write_text(secrets.token_urlsafe(48), encoding="ascii")
    return file.read_text(encoding="ascii")
