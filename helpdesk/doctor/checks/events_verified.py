"""Whether days of security events are sealed, and when they were last compared with their seals (decision 54)."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from django.utils import timezone

from accounts.models import EventSeal, SecurityEvent
from accounts.models.last_run import Job
from accounts.services import last_runs
from accounts.services.verifying_events import SEALED_WITHIN
from helpdesk.doctor.findings import advice, failure, good, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from helpdesk.doctor.findings import Finding

# docs/operations.md asks for it each month.
VERIFIED_WITHIN = datetime.timedelta(days=35)


def check() -> Iterator[Finding]:
    """Yield whether the seals are as new, and the comparison as recent, as they should be."""
    found = [*_sealed(), *_verified()]
    if not EventSeal.objects.exists():
        sealed = "No day of security events is to be sealed yet."
    else:
        sealed = "Days of security events are sealed, and were compared with their seals."
    yield from found or [good(sealed)]


def _sealed() -> Iterator[Finding]:
    oldest = SecurityEvent.objects.order_by("pk").values_list("at", flat=True).first()
    if oldest is None:
        return
    newest = EventSeal.objects.order_by("-number").values_list("day", flat=True).first()
    today = timezone.now().astimezone(datetime.UTC).date()
    sealed_until = newest or oldest.astimezone(datetime.UTC).date()
    if today - sealed_until > SEALED_WITHIN:
        yield failure(
            f"No day of security events has been sealed since {sealed_until}: a change to one would not be found.",
            "Have a timer run manage.py tidy_up daily. Its log says why sealing fails, where it does.",
        )


def _verified() -> Iterator[Finding]:
    last = last_runs.of(job=Job.VERIFY_EVENTS)
    if last is None:
        if EventSeal.objects.exists():
            yield advice(
                "Security events have never been compared with their seals.", "Run manage.py verify_events each month."
            )
    elif last.went_well_at != last.ended_at:
        yield failure(
            "Security events differed from their seals when they were last compared.",
            "Run manage.py verify_events again, and do what docs/operations.md says under “Sealed events”.",
        )
    elif timezone.now() - last.ended_at > VERIFIED_WITHIN:
        yield warning(
            f"Security events were last compared with their seals {(timezone.now() - last.ended_at).days} days ago.",
            "Run manage.py verify_events each month.",
        )
