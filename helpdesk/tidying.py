"""What the helpdesk has to delete, end and empty once a day (see accounts/tidying.py)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpdesk.services import admin_history, outage, people_counts, proposals
from helpdesk.services.people_uploads import ending

if TYPE_CHECKING:
    from collections.abc import Callable

TIDYING: dict[str, Callable[[], int]] = {
    "changes that agents asked for, past their time": proposals.end_old,
    "files of people that were not confirmed, and reports past their time": ending.end_old,
    "what the admin's history says of long ago": admin_history.delete_old,
    "previews of many people to unlock, of days before": outage.delete_old,
}

PUTTING_RIGHT: dict[str, Callable[[], int]] = {
    "counts of who has a second step, by organisation": people_counts.count,
}
