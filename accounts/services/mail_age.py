"""How long mails wait: what nobody hears of until people call.

`oldest_due` is for operators alone. With few mails in a portal whose mail server is down, a mail that waits would tell
a stranger whether the form that they sent had an address and a date of birth that are on record. What a stranger may
know is `oldest_undecided`, because every form waits for that alike, and, of many, `are_held_up` and `decisions_fail`.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from django.db.models import Min, Q
from django.utils import timezone

from accounts.jobs import DECIDING, MAILING
from accounts.models import OutboxMessage
from accounts.models.outbox import Kind

if TYPE_CHECKING:
    from django.db.models import QuerySet

# NHS mail takes minutes: a mail that waits for longer is what people call about. A mail server that greylists has taken
# the second try by then (RFC 6647).
HELD_UP_AFTER = datetime.timedelta(minutes=15)
# So many that one more or less says nothing.
MANY = 10

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
    has_failed = Q(kind__in=MAILING | DECIDING) & ~Q(last_error="") & ~REFUSED_FOR_GOOD
    found = rows.exclude(REFUSED_FOR_GOOD).aggregate(
        in_turn=Min("turn_at", filter=has_its_turn), failed=Min("created_at", filter=has_failed)
    )
    return min((moment for moment in found.values() if moment is not None), default=None)


def oldest_undecided() -> datetime.datetime | None:
    """Return since when the recovery form waits that waits longest to be decided; None where none does. One query."""
    now = timezone.now()
    rows = OutboxMessage.objects.filter(kind=Kind.DECIDE_RECOVERY, sent_at__isnull=True, due_at__lte=now)
    found: datetime.datetime | None = rows.aggregate(oldest=Min("turn_at"))["oldest"]
    return found


def decisions_fail() -> bool:
    """Return whether many forms could not be decided for HELD_UP_AFTER, each try an error. One query.

    One that fails gives up its turn, so that `oldest_undecided` does not see it.
    """
    rows = OutboxMessage.objects.filter(
        sent_at__isnull=True, kind__in=DECIDING, created_at__lte=timezone.now() - HELD_UP_AFTER
    )
    return rows.exclude(last_error="").order_by()[:MANY].count() >= MANY


def are_held_up() -> bool:
    """Return whether many mails have waited for HELD_UP_AFTER. One query."""
    return waiting().filter(late())[:MANY].count() >= MANY


def waiting() -> QuerySet[OutboxMessage]:
    """Return the mails that are not sent, but not those to closed mailboxes, which are tried for ever."""
    rows: QuerySet[OutboxMessage] = OutboxMessage.objects.filter(sent_at__isnull=True, kind__in=MAILING)
    return rows.exclude(REFUSED_FOR_GOOD).order_by()


def late() -> Q:
    """Return what is true of a mail that has waited for HELD_UP_AFTER: tried in vain, or its turn.

    The daily work's mails to many stand behind the others without anything being wrong.
    """
    now = timezone.now()
    return Q(created_at__lte=now - HELD_UP_AFTER) & (Q(turn_at__lte=now) | ~Q(last_error=""))
