"""Each answer of Care Identity is taken once, however many copies of a browser's cookies bring it, and at once.

Written only once an answer has proved a person with a login here: no stranger can make rows.
"""

from __future__ import annotations

import datetime

from django.conf import settings
from django.db import connection
from django.utils import timezone

from accounts.identifiers import keyed_digest
from care_identity.models import SpentState
from care_identity.services.refusals import Page, Refused

# As long as a log-in that is begun lasts; after that its cookie is refused as old.
_KEPT_FOR = datetime.timedelta(seconds=settings.ACCOUNT_LOGIN_TIMEOUT)

# One statement, which both databases understand.
_INSERT = "INSERT INTO {table} (state_digest, kept_until) VALUES (%s, %s) ON CONFLICT DO NOTHING"


def spend(*, state: str) -> None:
    """Remember that the answer to `state` was taken. Raises Refused where it was before: of several, one is taken."""
    digest = keyed_digest(purpose="care_identity.state", value=state)
    kept_until = connection.ops.adapt_datetimefield_value(timezone.now() + _KEPT_FOR)
    with connection.cursor() as cursor:
        cursor.execute(_INSERT.format(table=connection.ops.quote_name(SpentState._meta.db_table)), [digest, kept_until])
        is_first = cursor.rowcount == 1
    if not is_first:
        raise Refused(Page.START_AGAIN, "state_again")


def delete_spent() -> int:
    """Delete the states whose cookies are refused as old by now; return how many. Daily work."""
    deleted, _ = SpentState.objects.filter(kept_until__lt=timezone.now()).delete()
    return deleted
