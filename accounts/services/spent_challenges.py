"""Each answer to a challenge of a passkey counts once, however many copies of it come, and at once.

Written only for right answers: no stranger can make rows.
"""

from __future__ import annotations

import datetime
import hashlib

from django.db import connection
from django.utils import timezone

from accounts.models import SpentChallenge

# How long a challenge can be answered: as long as the browser is told to wait, and WCAG 2.2.1 has it longer than people
# need.
LASTS = datetime.timedelta(minutes=5)
# The clocks of several machines may differ.
KEPT_FOR = 3 * LASTS

# One statement, which both databases understand.
_INSERT = "INSERT INTO {table} (digest, at) VALUES (%s, %s) ON CONFLICT DO NOTHING"


def spend(challenge: bytes) -> bool:
    """Note that `challenge` was answered; return False where it was before: of several answers one counts."""
    at = connection.ops.adapt_datetimefield_value(timezone.now())
    statement = _INSERT.format(table=connection.ops.quote_name(SpentChallenge._meta.db_table))
    with connection.cursor() as cursor:
        cursor.execute(statement, [hashlib.sha256(challenge).hexdigest(), at])
        return bool(cursor.rowcount == 1)


def delete_old() -> int:
    """Delete the challenges that are refused as old by now; return how many. Daily work."""
    deleted, _ = SpentChallenge.objects.filter(at__lt=timezone.now() - KEPT_FOR).delete()
    return deleted
