"""What happened to a person lately, in words for an agent: the events' own names, networks by name, and no codes."""

from __future__ import annotations

import dataclasses
import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from accounts import user_agents
from accounts.models import SecurityEvent
from accounts.models.recovery_request import Outcome
from accounts.models.security_event import Event
from accounts.services.recovery import looking_up
from accounts.trusted_networks import OwnNetworks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accounts.models import User

SHOWN = 10
_WRONG_DATE = {Outcome.DATE_DIFFERS.value, Outcome.TOLD_DATE_DIFFERS.value}


@dataclasses.dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened. `by` is the agent who did it, and `note` what they wrote; "" where there is none."""

    words: str
    at: datetime.datetime
    device: str = ""
    network: str = ""
    by: str = ""
    note: str = ""


def last(*, person: User) -> Sequence[Entry]:
    """Return the last SHOWN events of `person` that an agent may know of, the newest first."""
    rows = looking_up.readable_events(SecurityEvent.objects.filter(user=person)).select_related("by")[:SHOWN]
    networks = OwnNetworks(person.organisation)
    return [_entry(row, networks) for row in rows]


def _entry(row: SecurityEvent, networks: OwnNetworks) -> Entry:
    if row.by_id is not None and row.by_id != row.user_id:
        by = row.by.username if row.by else ""
        return Entry(words(row), row.at, by=by, note=row.note or "")
    return Entry(
        words(row), row.at, user_agents.in_words(row.device), networks.in_words(row.address) if row.address else ""
    )


def words(row: SecurityEvent) -> str:
    """Return what happened, and of a recovery request what came of it, as far as an agent may know."""
    event = row.get_event_display()
    if row.event != Event.RECOVERY_DECIDED or row.reason not in Outcome.values:
        return event
    came_of_it = looking_up.DATE_DIFFERED if row.reason in _WRONG_DATE else Outcome(row.reason).label
    return _("%(event)s: %(outcome)s") % {"event": event, "outcome": came_of_it}
