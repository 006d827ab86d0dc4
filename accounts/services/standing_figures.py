"""How things stand, read from the database when the operators' monitoring asks: what no web server counts by itself.

The worker has no web server, so what it does is seen here: its heartbeat, the outbox, what it decided. Each figure is
one query that an index answers (docs/metrics.md has the plans). None is of a person or an organisation.
"""

from __future__ import annotations

import datetime
import json
from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import Count
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts import clocks
from accounts.jobs import DECIDING, LONG
from accounts.models import OutboxMessage, SecurityEvent, Session, WorkerHeartbeat
from accounts.models.recovery_request import Outcome
from accounts.models.security_event import Event
from accounts.services import heartbeats, mail_age

if TYPE_CHECKING:
    from collections.abc import Mapping

# Rows of the outbox that are looked at, those first that are due first. More than that is an outage either way.
MOST_ROWS = 20_000
COUNTED_SESSIONS = 10_000
# Decisions of so long ago are counted: three times what Prometheus may miss between two questions.
LATELY = datetime.timedelta(minutes=15)
_NO_EVENT = frozenset({Outcome.UNDECIDED, Outcome.NO_MATCH})
DECISIONS, MAILS, LONG_WORK = "decision", "mail", "long"
DUE, IN_HAND, FAILED, LATER = "due", "in_hand", "failed", "later"
_OUTBOX = """
SELECT kind, state, count(*) FROM (
    SELECT kind, CASE WHEN leased_until > %(now)s THEN 'in_hand' WHEN due_at <= %(now)s THEN 'due'
                      WHEN last_error <> '' THEN 'failed' ELSE 'later' END AS state
    FROM {table} WHERE sent_at IS NULL ORDER BY due_at LIMIT {most}
) AS waiting GROUP BY kind, state
"""


def outbox() -> Mapping[tuple[str, str], int]:
    """Return how many rows of the outbox are not done, by work and state, of the MOST_ROWS that are due first.

    DUE waits for a worker, IN_HAND is with one, FAILED waits for its next try, and LATER is not to be done yet.
    """
    found = {(work, state): 0 for work in (DECISIONS, MAILS, LONG_WORK) for state in (DUE, IN_HAND, FAILED, LATER)}
    query = _OUTBOX.format(table=OutboxMessage._meta.db_table, most=MOST_ROWS)
    with connection.cursor() as cursor:
        cursor.execute(query, {"now": timezone.now()})
        for kind, state, number in cursor.fetchall():
            work = DECISIONS if kind in DECIDING else LONG_WORK if kind in LONG else MAILS
            found[work, state] += number
    return found


def oldest_mail_age() -> float:
    """Return for how many seconds the mail waits that waits longest, 0 where none does."""
    oldest = mail_age.oldest_due()
    return _age(oldest) if oldest else 0.0


def worker_ages() -> Mapping[str, float]:
    """Return how many seconds ago each part of a worker was last seen at work, by any; the mails are the part "mail".

    Nothing where no worker has been there for a day.
    """
    newest: dict[str, datetime.datetime] = {}
    not_ahead = timezone.now() + clocks.MOST_APART
    for row in WorkerHeartbeat.objects.filter(seen_at__lte=not_ahead).order_by("-seen_at")[:200]:
        seen = {MAILS: row.seen_at} | {name: parse_datetime(text) for name, text in row.parts.items()}
        for name, moment in seen.items():
            if moment is not None and (name not in newest or newest[name] < moment):
                newest[name] = moment
    return {name: _age(moment) for name, moment in newest.items()}


def workers() -> int:
    """Return how many workers were seen at work of late."""
    seen = timezone.now() - heartbeats.LATE_AFTER
    return WorkerHeartbeat.objects.filter(seen_at__gte=seen).count()


def decided_lately() -> Mapping[str, int]:
    """Return how many people recovery requests were decided for within LATELY, by outcome.

    What matched no person leaves no event, so strangers who try addresses do not show here.
    """
    rows = SecurityEvent.objects.filter(event=Event.RECOVERY_DECIDED, at__gt=timezone.now() - LATELY).order_by()
    counted: Mapping[str, int] = dict(rows.values_list("reason").annotate(number=Count("pk")))
    return {outcome.value: counted.get(outcome.value, 0) for outcome in Outcome if outcome not in _NO_EVENT}


def sessions() -> int:
    """Return how many sessions last, of people who are logged in and of visitors with a form open.

    Beyond COUNTED_SESSIONS it is what PostgreSQL estimates, some per cent off: to count a national morning's takes a
    quarter of a second of reading the whole table.
    """
    lasting = Session.objects.filter(expire_date__gt=timezone.now()).order_by()
    if connection.vendor != "postgresql":
        return lasting.count()
    counted = lasting[: COUNTED_SESSIONS + 1].count()
    if counted <= COUNTED_SESSIONS:
        return counted
    (plan,) = json.loads(lasting.explain(format="json"))
    return int(plan["Plan"]["Plan Rows"])


def _age(moment: datetime.datetime) -> float:
    return max(0.0, (timezone.now() - moment).total_seconds())
