"""Whether manage.py tidy_up is run daily, and went well."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from django.utils import timezone

from accounts.models.last_run import Job
from accounts.services import last_runs
from helpdesk.doctor.findings import failure, good, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from helpdesk.doctor.findings import Finding

# A day, and some hours for a timer that waits for a quiet one.
LATE_AFTER = datetime.timedelta(hours=30)
# What is due on a day is caught up with; what is deleted at its age is not there a week late.
TOO_LATE_AFTER = datetime.timedelta(days=7)
_TIMER = "Have a timer run manage.py tidy_up daily, and run it now."


def check() -> Iterator[Finding]:
    """Yield when it was run last."""
    last = last_runs.of(job=Job.TIDY_UP)
    if last is None:
        yield warning("manage.py tidy_up was never run: nothing is deleted at its age, and no day is sealed.", _TIMER)
        return
    age = timezone.now() - last.ended_at
    if age > LATE_AFTER:
        make = failure if age > TOO_LATE_AFTER else warning
        yield make(f"manage.py tidy_up was last run {round(age.total_seconds() / 3600)} hours ago.", _TIMER)
    elif last.went_well_at != last.ended_at:
        yield warning(
            "A part of manage.py tidy_up failed when it was last run.",
            "Its log names the part and says why. Run it again once that is mended.",
        )
    else:
        yield good("manage.py tidy_up was run within a day, and all of it went well.")
