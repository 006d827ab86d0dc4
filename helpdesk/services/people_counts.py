"""How many people have which second step, counted once a day for the overview: over all people it takes seconds."""

from __future__ import annotations

from accounts.services import daily_counts
from helpdesk import coverage

ALL, SECOND_STEP, PASSKEY, PASSWORD_ONLY = "all", "second_step", "passkey", "password_only"


def count() -> int:
    """Count the people of each organisation as of today; return how many organisations have any. Daily work."""
    totals: dict[int, coverage.Counts] = {}
    for line in coverage.lines(by=None):
        totals[line.organisation.pk] = totals.get(line.organisation.pk, coverage.Counts()) + line.counts
    return daily_counts.store_people(
        counts={
            organisation: {
                ALL: counts.people,
                SECOND_STEP: counts.second_step,
                PASSKEY: counts.passkey,
                PASSWORD_ONLY: counts.password_only,
            }
            for organisation, counts in totals.items()
        }
    )
