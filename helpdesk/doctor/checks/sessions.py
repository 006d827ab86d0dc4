"""Whether sessions that are over are deleted, and how many there are."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from django.utils import timezone

from accounts.models import Session
from helpdesk.doctor.findings import good, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from helpdesk.doctor.findings import Finding

# The daily work deletes them, and may be some hours late.
OVER_FOR = datetime.timedelta(days=2)


def check() -> Iterator[Finding]:
    """Yield how many there are, and whether any is long over."""
    now = timezone.now()
    over = Session.objects.filter(expire_date__lt=now - OVER_FOR).count()
    if over:
        yield warning(
            f"Sessions that have been over for {OVER_FOR.days} days are still kept: {over}.",
            "Have a timer run manage.py tidy_up daily.",
        )
    else:
        yield good(f"Sessions that are open: {Session.objects.filter(expire_date__gte=now).count()}.")
