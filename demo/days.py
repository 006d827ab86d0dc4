"""A month that never was, in numbers, so that the helpdesk's overview shows something in a demo.

Days that were counted from events are left alone: what visitors do is counted as in production.
"""

from __future__ import annotations

import datetime
import random
from typing import TYPE_CHECKING

from django.utils import timezone

from accounts.models import CountedDay, DailyCount, Organisation
from accounts.services import counting, daily_counts, demo_parts
from helpdesk.services import people_counts

if TYPE_CHECKING:
    from collections.abc import Mapping

DAYS = 30
# What share of a working day's log-ins happens at a weekend.
WEEKEND = 0.35
# As an organisation of two thousand people has them, of a thousand log-ins: made up, and no more than plausible.
_OF_A_THOUSAND: Mapping[str, float] = {
    "logged_in/password": 620,
    "logged_in/care_identity": 300,
    "logged_in/passkey": 80,
    "log_in_failed/wrong_password": 42,
    "log_in_failed/locked": 3,
    "log_in_failed/outside_network": 6,
    "log_in_failed/no_password_yet": 2,
    "log_in_failed/not_in_force": 1,
    "locked": 2.5,
    "second_step_failed": 4,
    "desk/unlocked": 0.8,
    "desk/recovery_email_sent_by_helpdesk": 1.1,
    "desk/wrong_codes_forgiven": 0.3,
    "desk/caller_checked": 1.5,
    "desk/second_step_removed": 0.2,
    "desk/date_of_birth_compared": 0.4,
}
# Of those who ask to be let back in, how many get how far; and within how many minutes those who are in again.
_ASKED, _MAILED, _LINK_USED, _BACK_IN = 14.0, 0.88, 0.985, 0.97
_WITHIN: Mapping[int, float] = {1: 0.06, 2: 0.34, 3: 0.27, 5: 0.17, 10: 0.08, 15: 0.03, 30: 0.02, 60: 0.02, 240: 0.01}
_PEOPLE: Mapping[str, int] = {
    people_counts.ALL: 2140,
    people_counts.SECOND_STEP: 1310,
    people_counts.PASSKEY: 402,
    people_counts.PASSWORD_ONLY: 610,
}


def make() -> None:
    """Make the numbers of the days before today that have none yet, for each organisation of the demo."""
    today = timezone.localdate()
    days = [today - datetime.timedelta(days=n) for n in range(1, DAYS + 1)]
    known = set(CountedDay.objects.filter(day__in=days).values_list("day", flat=True))
    organisations = list(Organisation.objects.filter(pk__in=demo_parts.organisations()).order_by("code"))
    rows = [
        DailyCount(day=day, organisation=organisation, what=what, count=count)
        for day in days
        if day not in known
        for organisation in organisations
        for what, count in _of(day, organisation).items()
        if count
    ]
    DailyCount.objects.bulk_create(rows, batch_size=1000, ignore_conflicts=True)
    # As counted for good: no worker looks for their events.
    settled = timezone.now() + daily_counts.SETTLES_AFTER
    CountedDay.objects.bulk_create([CountedDay(day=day, counted_at=settled) for day in days if day not in known])


def _of(day: datetime.date, organisation: Organisation) -> dict[str, int]:
    """Return the numbers of one day, the same whenever they are made."""
    chance = random.Random(f"{organisation.code} {day.isoformat()}")  # noqa: S311 - no secret.
    log_ins = 1400 * chance.uniform(0.85, 1.15) * (WEEKEND if day.weekday() >= 5 else 1)
    counts = {what: round(log_ins * share / 1000 * chance.uniform(0.7, 1.3)) for what, share in _OF_A_THOUSAND.items()}
    asked = round(log_ins * _ASKED / 1000 * chance.uniform(0.7, 1.3))
    mailed = round(asked * _MAILED)
    link_used = round(mailed * _LINK_USED)
    within, so_far = {}, 0.0
    for most, share in _WITHIN.items():
        # Each bucket ends where those of a share of all end, so that the rounding of many adds up to that of one.
        before, so_far = round(mailed * _BACK_IN * so_far), so_far + share
        within[f"{counting.WITHIN}{most}"] = round(mailed * _BACK_IN * so_far) - before
    counts |= {
        counting.ASKED: asked,
        counting.MAILED: mailed,
        counting.LINK_USED: link_used,
        counting.BACK_IN: sum(within.values()),
        **within,
    }
    return counts | {f"{daily_counts.OF_PEOPLE}{what}": number for what, number in _PEOPLE.items()}
