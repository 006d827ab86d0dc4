"""Wrong dates of birth are slowed: so many in a day for one address, then its requests are decided once an hour.

An attacker who reads a mailbox cannot try the calendar there, and a stranger who does not know the date cannot shut the
owner out: requests wait, and none is refused for the wrong dates before it. Sources: OWASP Forgot Password Cheat Sheet
(limits for each account); NIST SP 800-63B-4, 3.2.2 (a wait between attempts).

Who waits: of one network the newest request for the address, in the place of any that waited before, so that mistyping
costs nothing; of several networks the one whose request has waited longest is first.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from django.db.models import Min
from django.utils import timezone

from accounts.models import RecoveryRequest
from accounts.models.recovery_request import Outcome
from accounts.services.recovery.asking import email_digests

if TYPE_CHECKING:
    from django.db.models import QuerySet

DAY = datetime.timedelta(hours=24)
# So many a day are decided as they come. People mistype a date once or twice.
WRONG_DATES_AT_ONCE = 5
ONE_DECISION_EVERY = datetime.timedelta(hours=1)
# What was typed is kept no longer for a turn that does not come: attackers with many networks can take them all.
WAITS_AT_MOST = DAY

_WRONG_DATE = (Outcome.TOLD_DATE_DIFFERS, Outcome.DATE_DIFFERS)
# What can only be decided by comparing the date.
_DATE_COMPARED = (*_WRONG_DATE, Outcome.MAILED, Outcome.TOLD_WHY_NOT)


def next_decision(request: RecoveryRequest) -> datetime.datetime | None:
    """Return when the next date may be compared for the address of `request`, which is not decided.

    That may be past, or None where the address is not slowed.
    """
    today = _for_its_address(request).filter(decided_at__gt=timezone.now() - DAY)
    if today.filter(outcome__in=_WRONG_DATE)[:WRONG_DATES_AT_ONCE].count() < WRONG_DATES_AT_ONCE:
        return None
    last = today.filter(outcome__in=_DATE_COMPARED).order_by("-decided_at").values_list("decided_at", flat=True)[0]
    return last + ONE_DECISION_EVERY if last else None


def first_in_turn(request: RecoveryRequest) -> RecoveryRequest:
    """Return the request for the same address as `request` that is to be decided now."""
    network = _waiting(request).order_by("turn_at", "pk").values_list("network", flat=True)[0]
    return _waiting(request).filter(network=network).order_by("-created_at", "-pk")[0]


def older_from_its_network(request: RecoveryRequest) -> QuerySet[RecoveryRequest]:
    """Return those that are to be decided for the same address, and have a newer one, `request`, from their network."""
    return _waiting(request).filter(network=request.network, pk__lt=request.pk)


def take_place_of_older(request: RecoveryRequest) -> None:
    """Give `request` the place of those that it stands for, so that asking again costs a network no turn."""
    place = older_from_its_network(request).aggregate(first=Min("turn_at"))["first"]
    if place is not None and place < request.turn_at:
        RecoveryRequest.objects.filter(pk=request.pk).update(turn_at=place)


def no_later_than_its_end(request: RecoveryRequest, moment: datetime.datetime) -> datetime.datetime:
    """Return when to look at `request` again: at `moment`, or before, where it has waited for WAITS_AT_MOST by then."""
    return min(moment, request.created_at + WAITS_AT_MOST)


def has_waited_too_long(request: RecoveryRequest) -> bool:
    """Return whether `request` has waited for its turn for WAITS_AT_MOST."""
    return timezone.now() - request.created_at >= WAITS_AT_MOST


def _waiting(request: RecoveryRequest) -> QuerySet[RecoveryRequest]:
    return _for_its_address(request).filter(outcome=Outcome.UNDECIDED)


def _for_its_address(request: RecoveryRequest) -> QuerySet[RecoveryRequest]:
    # Under the key of before too: no pace begins anew with a new one. What was typed is there until the decision.
    digests = {request.email_digest, *email_digests(email=request.email)}
    return RecoveryRequest.objects.filter(email_digest__in=digests)
