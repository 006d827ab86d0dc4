"""Filing security events for the helpdesk's search, a little after they happened: no request writes its indexes.

Workers do so (`manage.py work`), and the daily work what they have left. The search reads what is not filed yet besides
(helpdesk/event_search.py).
"""

from __future__ import annotations

import datetime

from django.db import connection
from django.db.models import Max

from accounts import settled_events
from accounts.models import FiledEvent

# Of one statement: a third of a second beside the indexes of 20 million. Mails go between two.
BATCH = 2_000
# For transactions that write events. Where one takes longer, events are filed the next time.
WAIT = datetime.timedelta(seconds=0.2)
_FILE = """
INSERT INTO accounts_filedevent (id, at, organisation, kind, address, "by")
SELECT event.id, event.at, COALESCE(person.organisation_id, 0), event.event, event.address, event.by_id
FROM accounts_securityevent event LEFT JOIN accounts_user person ON person.id = event.user_id
WHERE event.id > %s AND event.id <= %s ORDER BY event.id LIMIT %s
ON CONFLICT DO NOTHING
"""


def filed_up_to() -> int:
    """Return the highest key that is filed; all below it are."""
    return FiledEvent.objects.aggregate(highest=Max("pk"))["highest"] or 0


def file_some(*, within: datetime.timedelta = WAIT) -> int:
    """File up to BATCH events, the oldest first; return how many. Any number of workers may do so at once."""
    settled, before = settled_events.newest(within=within), filed_up_to()
    if settled is None or settled <= before:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_FILE, [before, settled, BATCH])
        return int(cursor.rowcount)


def file_new() -> int:
    """File all events that are not filed; return how many. Daily work."""
    filed = 0
    while some := file_some():
        filed += some
    return filed
