"""Whether this machine's clock and the database's agree (accounts/clocks.py)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection

from accounts import clocks
from helpdesk.doctor.findings import failure, good

if TYPE_CHECKING:
    from collections.abc import Iterator

    from helpdesk.doctor.findings import Finding


def check() -> Iterator[Finding]:
    """Yield what both clocks say, where they disagree."""
    if connection.vendor != "postgresql":
        yield good("There is one clock: the database is on this machine.")
        return
    said = clocks.disagreement()
    if said:
        yield failure(f"{said[0].upper()}{said[1:]}.", "Have both machines keep time by NTP (chrony or timesyncd).")
    else:
        yield good(f"This machine's clock and the database's agree within {clocks.MOST_APART.seconds} seconds.")
