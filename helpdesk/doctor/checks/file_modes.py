"""Whether other users of this machine can read what the portal keeps in STATE_DIR, or change its code."""

from __future__ import annotations

import itertools
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

from helpdesk.doctor.findings import failure, good, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from helpdesk.doctor.findings import Finding

# So many are looked at: there are a handful.
_MOST = 2000


def check() -> Iterator[Finding]:
    """Yield what other users may read or change. Static files are for all to read, and the proxy does."""
    folder = Path(settings.STATE_DIR)
    if not folder.is_dir():
        yield warning("STATE_DIR is not there.", "Make it, with mode 700, for the user that the portal runs as.")
        return
    found = []
    if _may(folder, stat.S_IWGRP | stat.S_IWOTH):
        found.append(failure("Other users of this machine may put files into STATE_DIR.", "chmod go-w on STATE_DIR."))
    if _may(folder, stat.S_IXOTH | stat.S_IROTH) and (readable := _readable(folder)):
        found.append(
            failure(
                f"Other users of this machine may read files of STATE_DIR beside the static ones: {readable}.",
                "chmod 600 on them, or 700 on STATE_DIR. It holds sessions, and secrets of second steps.",
            )
        )
    if any(_may(path, stat.S_IWOTH) for path in (settings.BASE_DIR, settings.BASE_DIR / "manage.py")):
        found.append(failure("Every user of this machine may change the portal's code.", "chmod -R o-w on its folder."))
    yield from found or [good("Other users of this machine can neither read the portal's state nor change its code.")]


def _readable(folder: Path) -> int:
    """Return how many files other users may read."""
    files = (path for path in folder.iterdir() if path != Path(settings.STATIC_ROOT))
    return sum(path.is_file() and _may(path, stat.S_IROTH) for path in itertools.islice(files, _MOST))


def _may(path: Path, mode: int) -> bool:
    return bool(path.stat().st_mode & mode)
