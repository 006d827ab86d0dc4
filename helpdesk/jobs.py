"""What the helpdesk has a worker do that takes minutes (see accounts/jobs.py)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounts.models.outbox import Kind
from helpdesk.services import letting_in, people_uploads

if TYPE_CHECKING:
    from accounts.jobs import LongJob

LONG_JOBS: dict[Kind, LongJob] = {Kind.PEOPLE_FILE: people_uploads.go_on, Kind.OUTAGE_UNLOCK: letting_in.go_on}
