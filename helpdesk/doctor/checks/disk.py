"""How much room is left where the portal, and a database on this machine, write."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import Error as DatabaseFails
from django.db import connection

from helpdesk.doctor.findings import failure, good, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from helpdesk.doctor.findings import Finding

# Shares of the whole that are free. File systems grow slow, and root's reserve begins, at about 5 %.
LITTLE, TOO_LITTLE = 0.15, 0.05
# However large a disk is: this is weeks of events of two million people.
ENOUGH = 50 * 1024**3
_MEND = "Make room, or the disk larger: a full disk stops every log-in."


def check(*, little: float = LITTLE, too_little: float = TOO_LITTLE) -> Iterator[Finding]:
    """Yield how full each of these disks is."""
    for words, folder in _folders():
        try:
            usage = shutil.disk_usage(folder)
        except OSError as error:
            yield warning(f"The disk of {words} cannot be seen ({error.strerror}).", "Let the portal's user see it.")
            continue
        share, room = usage.free / usage.total, f"{usage.free / 1024**3:.1f} GB"
        if share < too_little and usage.free < ENOUGH:
            yield failure(f"The disk of {words} is nearly full: {share:.0%} is free, {room}.", _MEND)
        elif share < little and usage.free < ENOUGH:
            yield warning(f"The disk of {words} fills up: {share:.0%} is free, {room}.", _MEND)
        else:
            yield good(f"The disk of {words} has room: {share:.0%} is free, {room}.")


def _folders() -> Iterator[tuple[str, Path]]:
    yield "STATE_DIR", _there(settings.STATE_DIR)
    if connection.vendor == "sqlite":
        yield "the database", _there(Path(str(connection.settings_dict["NAME"])).parent)
    elif folder := _of_local_postgresql():
        yield "the database", folder


def _of_local_postgresql() -> Path | None:
    """Return the folder of a PostgreSQL that is on this machine, where its server says it to us, else None."""
    try:
        with connection.cursor() as cursor:
            # Only a superuser, or a member of pg_read_all_settings, is told.
            cursor.execute("SELECT current_setting('data_directory', true), inet_server_addr() IS NULL")
            folder, by_socket = cursor.fetchone()
    except DatabaseFails:
        return None
    return Path(folder) if by_socket and folder and Path(folder).exists() else None


def _there(folder: Path) -> Path:
    """Return the folder, or the nearest above it that is there."""
    return next((each for each in (folder, *folder.parents) if each.exists()), Path("/"))
