"""What holds for each connection to the database: who can read SQLite's file."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db.backends.signals import connection_created

from esr_portal import state

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

logger = logging.getLogger("esr_portal.database")


def keep_file_private(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """Let no other user of the machine read an SQLite file, which SQLite makes as the umask says."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor != "sqlite" or name.startswith((":", "file:")):
        return
    try:
        state.keep_file_private(Path(name))
    except state.CannotBeKept:
        logger.warning("SQLite's file can be read by other users of this machine")


def keep_files_private() -> None:
    """From now on look after the file of each connection to an SQLite."""
    connection_created.connect(keep_file_private, dispatch_uid="esr_portal.keep_file_private")
