"""What the helpdesk has a worker do that takes minutes, and what beside the mails (see accounts/jobs.py)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounts.models.outbox import Kind
from helpdesk.doctor.checking_up import CheckingUp
from helpdesk.services import letting_in, people_uploads

if TYPE_CHECKING:
    from collections.abc import Callable

    from accounts.jobs import LongJob, Work

LONG_JOBS: dict[Kind, LongJob] = {Kind.PEOPLE_FILE: people_uploads.go_on, Kind.OUTAGE_UNLOCK: letting_in.go_on}
BESIDE_THE_MAILS: dict[str, Callable[[], Work]] = {"checking up": CheckingUp}
