"""Whether mails go out, for the overview.

A national administrator sees how many wait, and since when. An agent does not: with few mails in the portal, one that
waits or does not would tell whether a form that the agent sent had the right date of birth (mail_fate.py). The agent
sees that many mails are held up.
"""

from __future__ import annotations

import dataclasses
import datetime

from django.db.models import Count, Min

from accounts.services import mail_age


@dataclasses.dataclass(frozen=True, slots=True)
class Waiting:
    """The mails that wait: how many, since when the oldest does, and whether many have waited for long."""

    number: int
    oldest: datetime.datetime | None
    are_held_up: bool


def now() -> Waiting:
    """Return what waits, in one query of the mails that are not sent."""
    found = mail_age.waiting().aggregate(
        number=Count("pk"), oldest=Min("created_at"), late=Count("pk", filter=mail_age.late())
    )
    return Waiting(number=found["number"], oldest=found["oldest"], are_held_up=found["late"] >= mail_age.MANY)
