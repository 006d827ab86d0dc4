"""Check-ups: a worker makes what takes a network or long of the doctor's checks, each hour and when one is asked for.

Where something failed, the next comes sooner. A web page only shows what came of it: a stranger's slow server keeps no
thread of the web server waiting. Of several workers one makes it; where that one dies in the middle, another does once
LEASE is over.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import F, Q
from django.utils import timezone

from accounts.models import CheckUp
from accounts.models.check_up import Reach
from accounts.services import heartbeats
from helpdesk.doctor.findings import Severity
from people.services import rights

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accounts.models import User

FAILURE = Severity.FAILURE.word
# A certificate or a password that is replaced is seen within the hour; others are asked a few questions for it.
EVERY = datetime.timedelta(hours=1)
# What failed may have been away for a moment, as the portal itself is while its machine starts. Not sooner: a mail
# server may shut out who comes with a wrong password again and again.
AFTER_A_FAILURE = datetime.timedelta(minutes=5)
# Longer than all its checks take, each at its deadline.
LEASE = datetime.timedelta(minutes=5)


def newest() -> CheckUp | None:
    """Return the newest check-up, ended or not, or None where none was ever begun."""
    return CheckUp.objects.filter(reach=Reach.NETWORK).first()


def ask(*, by: User) -> None:
    """Have a worker make a check-up now. Raises NotAllowed. A second operator who asks meanwhile asks for the same."""
    if not rights.is_operator(user=by):
        raise rights.NotAllowed
    CheckUp.objects.update_or_create(reach=Reach.NETWORK, defaults={"asked_at": timezone.now()})


def begin() -> bool:
    """Take the check-up that is due; return whether it is the caller's to make. Any number of workers may ask."""
    now = timezone.now()
    CheckUp.objects.get_or_create(reach=Reach.NETWORK, defaults={"asked_at": now})
    # Of a clock that was ahead when it ended: else there were none until then.
    good_for = _good_for(newest())
    is_old = Q(ended_at__isnull=True) | Q(ended_at__lte=now - good_for) | Q(ended_at__gt=now + EVERY)
    is_due = is_old | Q(asked_at__gt=F("begun_at"))
    is_free = Q(begun_at__isnull=True) | Q(begun_at__lte=F("ended_at")) | Q(begun_at__lte=now - LEASE)
    rows = CheckUp.objects.filter(is_due, is_free, reach=Reach.NETWORK)
    return rows.exists() and bool(rows.update(begun_at=now))


def _good_for(check_up: CheckUp | None) -> datetime.timedelta:
    failed = check_up is not None and any(each.get("severity") == FAILURE for each in check_up.findings)
    return AFTER_A_FAILURE if failed else EVERY


def end(*, findings: Sequence[dict[str, Any]]) -> None:
    """Keep what was found, in the place of what was found before."""
    CheckUp.objects.filter(reach=Reach.NETWORK).update(
        ended_at=timezone.now(), machine=heartbeats.machine(), findings=list(findings)
    )


def is_under_way(*, check_up: CheckUp | None) -> bool:
    """Return whether one was asked for, or has begun, and has not ended."""
    if check_up is None:
        return False
    last = max(each for each in (check_up.asked_at, check_up.begun_at) if each is not None)
    return check_up.ended_at is None or check_up.ended_at < last
