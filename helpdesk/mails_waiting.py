"""Whether mails go out, for the overview.

A national administrator sees how many wait, and since when. An agent does not: with few mails in the portal, one that
waits or does not would tell whether a form that the agent sent had the right date of birth (mail_fate.py). The agent
sees that many mails are held up.
"""

from __future__ import annotations

import dataclasses
import datetime
from typing import TYPE_CHECKING

from django.db.models import Count, Min, Q
from django.utils import timezone

from accounts.jobs import DECIDING
from accounts.models import OutboxMessage

if TYPE_CHECKING:
    from django.db.models import QuerySet

# NHS mail takes minutes: a mail that waits for longer is what people call about.
HELD_UP_AFTER = datetime.timedelta(minutes=15)
# So many that one more or less says nothing.
MANY = 10


@dataclasses.dataclass(frozen=True, slots=True)
class Waiting:
    """The mails that wait: how many, since when the oldest does, and whether many have waited for long."""

    number: int
    oldest: datetime.datetime | None
    are_held_up: bool


def now() -> Waiting:
    """Return what waits, in one query of the mails that are not sent."""
    rows: QuerySet[OutboxMessage] = OutboxMessage.objects.filter(sent_at__isnull=True).exclude(kind__in=DECIDING)
    long_ago = Q(created_at__lte=timezone.now() - HELD_UP_AFTER)
    found = rows.order_by().aggregate(number=Count("pk"), oldest=Min("created_at"), late=Count("pk", filter=long_ago))
    return Waiting(number=found["number"], oldest=found["oldest"], are_held_up=found["late"] >= MANY)
