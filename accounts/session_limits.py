"""How long a session lasts. Source: OWASP Session Management (idle and absolute limits)."""

from __future__ import annotations

import dataclasses
import datetime


@dataclasses.dataclass(frozen=True, slots=True)
class Limits:
    """When a session ends: so long after the last request, and so long after log-in whatever happens."""

    idle: datetime.timedelta
    absolute: datetime.timedelta

    def idle_at_most(self, idle: datetime.timedelta) -> Limits:
        """Return them with an idle limit that is no longer than `idle`."""
        return dataclasses.replace(self, idle=min(self.idle, idle))


PEOPLE = Limits(idle=datetime.timedelta(minutes=15), absolute=datetime.timedelta(hours=8))
# As Care Identity's own (NHS England, CIS2 guidance for relying parties).
CARE_IDENTITY = Limits(idle=datetime.timedelta(minutes=15), absolute=datetime.timedelta(hours=12))
ADMINS = Limits(idle=datetime.timedelta(minutes=10), absolute=datetime.timedelta(hours=4))
# At a computer where the next person may sit down at any moment: two minutes and a half before the warning.
SHARED_IDLE = datetime.timedelta(minutes=5)
