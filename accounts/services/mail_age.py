"""How long the mail that waits longest has waited, for monitors: what nobody hears of until people call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Min, Q
from django.utils import timezone

from accounts.jobs import DECIDING, MAILING
from accounts.models import OutboxMessage

if TYPE_CHECKING:
    import datetime

# What the outbox keeps of a mail that the mail server will not take tomorrow either (accounts/services/mail_server.py).
REFUSED_FOR_GOOD = Q(last_error__startswith="SMTPRecipientsRefused 5") | Q(last_error__startswith="SMTPDataError 5")


def oldest_due() -> datetime.datetime | None:
    """Return since when the mail waits that waits longest, or None where none does. One query of rows not done.

    What is to lead to a mail counts as one. A mail waits from its turn on: the daily work's many stand behind others
    without anything being wrong. One that failed waits since it was asked for, however often it was put off. One that
    was refused for good waits for a mailbox, not for us.
    """
    now = timezone.now()
    rows = OutboxMessage.objects.filter(sent_at__isnull=True).order_by()
    has_its_turn = Q(kind__in=MAILING | DECIDING, due_at__lte=now, turn_at__lte=now)
    has_failed = Q(kind__in=MAILING) & ~Q(last_error="") & ~REFUSED_FOR_GOOD
    found = rows.exclude(REFUSED_FOR_GOOD).aggregate(
        in_turn=Min("turn_at", filter=has_its_turn), failed=Min("created_at", filter=has_failed)
    )
    return min((moment for moment in found.values() if moment is not None), default=None)
