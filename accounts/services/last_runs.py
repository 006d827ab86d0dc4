"""When the jobs that a timer or an operator runs were run last: nobody hears of one that is run no more."""

from __future__ import annotations

from django.utils import timezone

from accounts.models import LastRun
from accounts.models.last_run import Job


def note(*, job: Job, went_well: bool) -> None:
    """Note that a job has just ended. Raises django.db.Error."""
    now = timezone.now()
    told = {"ended_at": now, "went_well_at": now} if went_well else {"ended_at": now}
    LastRun.objects.update_or_create(job=job, defaults=told)


def of(*, job: Job) -> LastRun | None:
    """Return when a job was run last, or None where it never was."""
    return LastRun.objects.filter(job=job).first()
