"""Telling people by mail of a log-in in a browser that is new to them (NIST SP 800-63B-4, 4.6).

A browser is new where it has no device cookie of the person, whichever password that was made with. A log-in in a known
one costs nothing; in a new one three or four queries, after both proofs were right, where no time tells anything.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.utils import timezone

from accounts import trusted_networks
from accounts.identifiers import keyed_digest
from accounts.models.outbox import Kind
from accounts.services import log_in, outbox

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accounts.models import SecurityEvent, User

# A private window is new each time: further mails of a day say nothing that these have not said.
MOST_A_DAY = 3


def tell(*, user: User, event: SecurityEvent, shared: bool) -> bool:
    """Tell `user` of the log-in in a new browser that `event` records, in the caller's transaction; return whether.

    Not of the first log-in ever, nor from computers that people share and which keep no cookie: where the network is
    marked so, or the person says so (`shared`) in a network of their organisation. Never more than MOST_A_DAY times.
    """
    address = event.address or ""
    if trusted_networks.SHARED.hold(address):
        return False
    if shared and user.organisation_id in trusted_networks.trusting(address=address):
        return False
    if log_in.previous_log_in(user=user, this_log_in=event.pk) is None:
        return False
    return outbox.add_under_one_of(
        ids=_ids_of_today(user), kind=Kind.NEW_BROWSER, about={"users": [user.pk], "event": event.pk}
    )


def _ids_of_today(user: User) -> Sequence[uuid.UUID]:
    """Return the primary keys that the mails of this day have: the key itself counts them, at once and for all."""
    today = timezone.localdate().isoformat()
    digests = (
        keyed_digest(purpose="new_browser.mail", value=f"{user.pk} {today} {number}") for number in range(MOST_A_DAY)
    )
    return [uuid.UUID(hex=digest[:32]) for digest in digests]
