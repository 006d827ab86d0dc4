"""Letting many people in again whom an outage has kept out: shown first, then done, with an event and a mail for each.

Locked are people whom strangers guess at too, and an attacker may wait for an outage, or say that there is one. So a
lock stays where any of the tries behind it came from a place where the person has not been in before, and how many
wrong passwords or codes in a row there were stays for all. docs/decisions/0056-the-morning-after-an-outage.md.
"""

from __future__ import annotations

import datetime
import itertools
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import OutageUnlock, User
from accounts.models.outage_unlock import Cause
from accounts.models.outbox import Kind
from accounts.models.security_event import Event
from accounts.services import events, lockout, outbox
from accounts.services.second_step import wrong_codes
from helpdesk import kept_out
from people.services import rights

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from django.db.models import QuerySet

    from accounts.models import Organisation

# What was shown is as good as new for a lock's own time: then the locks have ended by themselves.
GOOD_FOR = lockout.DURATION
# So many are unlocked in one transaction, which keeps other work from none of them for long.
AT_ONCE = 500
DAY = datetime.timedelta(days=1)


class TooMany(Exception):
    """More were kept out than are let in at once: a shorter time has fewer."""


class Over(Exception):
    """It was done already, or what was shown is too old."""


class Grew(Exception):
    """There are people now who were not shown: nothing was done."""


def preview(
    *,
    by: User,
    organisation: Organisation | None,
    cause: Cause,
    begins_at: datetime.datetime,
    ends_at: datetime.datetime,
) -> OutageUnlock:
    """Find the people whom `cause` has kept out from `begins_at` to `ends_at`, and keep who they are; do no more.

    `organisation` None is all of them, for a national administrator. Raises rights.NotAllowed, and TooMany.
    """
    _refuse_who_may_not(by, organisation)
    found = kept_out.find(
        by=by, organisation=organisation, outage=kept_out.Outage(cause=cause, begins_at=begins_at, ends_at=ends_at)
    )
    if found is None:
        raise TooMany
    return OutageUnlock.objects.create(
        asked_by=by,
        organisation=organisation,
        cause=cause,
        begins_at=begins_at,
        ends_at=ends_at,
        people=sorted(found.people),
        left_out={why.value: number for why, number in found.left_out.items()},
    )


def seen_by(*, agent: User) -> QuerySet[OutageUnlock]:
    """Return the previews that `agent` may look at: of their organisation, or of all for a national administrator."""
    rows = OutageUnlock.objects.select_related("asked_by", "organisation")
    if not rights.may_unlock_many(by=agent):
        return rows.none()
    return rows if rights.is_operator(user=agent) else rows.filter(organisation=agent.organisation_id)


def is_over(row: OutageUnlock) -> bool:
    """Return whether what was shown cannot be done any more."""
    return row.done_at is not None or row.asked_at <= timezone.now() - GOOD_FOR


def unlock(*, row: OutageUnlock, by: User, note: str) -> int:
    """Let in the people who were shown to `by`, and are still kept out; return how many.

    Records UNLOCKED, or WRONG_CODES_FORGIVEN, for each, with `note`, and tells each by mail. Raises rights.NotAllowed,
    Over, and Grew where there are others by now.
    """
    _refuse_who_may_not(by, row.organisation)
    if row.asked_by_id != by.pk:
        raise rights.NotAllowed
    if is_over(row):
        raise Over
    outage = kept_out.Outage(cause=Cause(row.cause), begins_at=row.begins_at, ends_at=row.ends_at)
    found = kept_out.find(by=by, organisation=row.organisation, outage=outage)
    if found is None or not set(found.people) <= set(row.people):
        raise Grew
    people = iter(found.people)
    with transaction.atomic():
        # Of two presses one does it, unless the first people fail, who leave it to be done.
        if not OutageUnlock.objects.filter(pk=row.pk, done_at__isnull=True).update(done_at=timezone.now(), people=[]):
            raise Over
        done = _let_in(_some(people), found, row=row, by=by, note=note)
    while some := _some(people):
        done += _let_in(some, found, row=row, by=by, note=note)
    return done


def delete_old() -> int:
    """Delete what was shown longer than a day ago; return how many. The events say what was done. Daily work."""
    return OutageUnlock.objects.filter(asked_at__lt=timezone.now() - DAY).delete()[0]


def _refuse_who_may_not(by: User, organisation: Organisation | None) -> None:
    may = rights.may_unlock_many(by=by, organisation_id=organisation.pk if organisation else None)
    if not may or (organisation is None and not rights.is_operator(user=by)):
        raise rights.NotAllowed


def _some(people: Iterator[int]) -> list[int]:
    return list(itertools.islice(people, AT_ONCE))


def _let_in(keys: Collection[int], found: kept_out.Found, *, row: OutageUnlock, by: User, note: str) -> int:
    """Let some people in, in one transaction, and count them; return how many there were still to let in."""
    with events.noting(note), transaction.atomic():
        if found.outage.cause is Cause.WRONG_CODES:
            event, let_in = Event.WRONG_CODES_FORGIVEN, wrong_codes.lift_waits(people=keys)
        else:
            event, let_in = Event.UNLOCKED, _lift_locks(keys, found)
        reason = events.AFTER_OUTAGE
        recorded = events.record_many(event=event, about=[(key, reason) for key in sorted(let_in)], by=by)
        outbox.add_many(
            kind=Kind.HELPED,
            about=[{"users": [key], "event": recorded[key, reason]} for key in sorted(let_in)],
        )
        OutageUnlock.objects.filter(pk=row.pk).update(unlocked=F("unlocked") + len(let_in))
    return len(let_in)


def _lift_locks(keys: Collection[int], found: kept_out.Found) -> set[int]:
    people = list(User.objects.filter(pk__in=keys).only("pk", "username"))
    in_own = [person for person in people if person.pk in found.in_own_browsers_alone]
    others = [person for person in people if person.pk not in found.in_own_browsers_alone]
    return lockout.lift(people=others) | lockout.lift(people=in_own, in_known_browsers_alone=True)
