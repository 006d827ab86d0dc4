"""Whether this machine's clock and the database's agree.

A clock that is wrong refuses right codes of the second step (RFC 6238, 6: it takes those of half a minute before and
after) and Care Identity's answers, and ends sessions and links too soon or too late.
"""

from __future__ import annotations

import datetime
import logging

from django.db import DatabaseError, connection
from django.utils import timezone

logger = logging.getLogger("esr_portal.clock")

# With NTP two machines are milliseconds apart. At a step of RFC 6238 codes begin to be refused.
MOST_APART = datetime.timedelta(seconds=30)


def of_database_if_it_disagrees() -> datetime.datetime | None:
    """Return what the database's clock says, where that is more than MOST_APART from this machine's, else None.

    One query on PostgreSQL, and none on SQLite, which has no other clock. Raises DatabaseError.
    """
    if connection.vendor != "postgresql":
        return None
    before = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        theirs: datetime.datetime = cursor.fetchone()[0]
    # However long the answer took, it is of a moment between the two.
    return None if before - MOST_APART <= theirs <= timezone.now() + MOST_APART else theirs


def disagreement() -> str:
    """Return in one line what both clocks say, where they disagree, else "". Raises DatabaseError."""
    theirs = of_database_if_it_disagrees()
    if theirs is None:
        return ""
    ours = timezone.now()
    return f"this server's clock says {_spelt(ours)} and the database's says {_spelt(theirs)}: set the wrong one right"


def log_disagreement() -> None:
    """Say in the log that the clocks disagree. A process calls it when it starts; nothing where no database answers."""
    try:
        said = disagreement()
    except DatabaseError:
        return
    if said:
        logger.error(said)


def _spelt(moment: datetime.datetime) -> str:
    return moment.astimezone(datetime.UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
