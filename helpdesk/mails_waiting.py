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

from accounts.jobs import MAILING
from accounts.models import OutboxMessage
from accounts.services import mail_age

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
    """Return what waits, in one query of the mails that are not sent.

    Not those to closed mailboxes, which are tried for ever. Held up is what was tried in vain, or whose turn it is: the
    daily work's mails to many stand behind the others without anything being wrong.
    """
    moment = timezone.now()
    rows: QuerySet[OutboxMessage] = OutboxMessage.objects.filter(sent_at__isnull=True, kind__in=MAILING)
    late = Q(created_at__lte=moment - HELD_UP_AFTER) & (Q(turn_at__lte=moment) | ~Q(last_error=""))
    found = (
        rows.exclude(mail_age.REFUSED_FOR_GOOD)
        .order_by()
        .aggregate(number=Count("pk"), oldest=Min("created_at"), late=Count("pk", filter=late))
    )
    return Waiting(number=found["number"], oldest=found["oldest"], are_held_up=found["late"] >= MANY)
