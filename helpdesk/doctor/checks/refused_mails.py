"""Whether the mail server refuses most mails, or most come back: counted of a day."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from django.db.models import Count, Q
from django.utils import timezone

from accounts.jobs import MAILING
from accounts.models import OutboxMessage
from accounts.services import mail_age, outbox
from helpdesk.doctor.findings import failure, good, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from helpdesk.doctor.findings import Finding

# A day shows what changed, and has enough mails in it.
LOOKED_BACK = datetime.timedelta(days=1)
# So many are no closed mailboxes any more.
FEWEST = 10


def check() -> Iterator[Finding]:
    """Yield how many were refused for good and how many came back, where they are many."""
    of_today = OutboxMessage.objects.filter(kind__in=MAILING, created_at__gt=timezone.now() - LOOKED_BACK)
    counts = of_today.order_by().aggregate(
        refused=Count("pk", filter=mail_age.REFUSED_FOR_GOOD & Q(sent_at__isnull=True)),
        sent=Count("pk", filter=Q(sent_at__isnull=False) & ~Q(last_error=outbox.NOT_NEEDED)),
        came_back=Count("pk", filter=Q(bounced_at__isnull=False)),
    )
    refused, sent, came_back = counts["refused"], counts["sent"], counts["came_back"]
    if refused >= FEWEST and refused > sent:
        yield failure(
            f"The mail server refuses most mails: {refused} of a day, and it took {sent}.",
            "Let it relay for this machine or this user, and take mail from the address in FROM_EMAIL.",
        )
    elif came_back >= FEWEST and came_back * 2 > sent:
        yield warning(
            f"Most mails come back: {came_back} of the {sent} that were sent in a day.",
            "Look at the reasons in the admin’s outbox: SPF, DKIM or DMARC of the domain in FROM_EMAIL, as a rule.",
        )
    else:
        yield good(
            f"Mails that the mail server took in a day: {sent}. Refused for good: {refused}. Came back: {came_back}."
        )
