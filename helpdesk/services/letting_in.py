"""Letting in the people of a list that a lead has confirmed, some at a time, each once (see outage.py beside it).

Some of them and how far the list is are one transaction: a worker that is killed leaves whole parts behind, and the
next goes on after the last of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from accounts.models import OutageUnlock, User
from accounts.models.outage_unlock import Cause, Ending
from accounts.models.outbox import Kind
from accounts.models.security_event import Event
from accounts.services import events, lockout, outbox
from accounts.services.second_step import wrong_codes
from helpdesk import kept_out
from people.services import rights

if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable

    from accounts.models import Organisation, OutboxMessage

# So many are unlocked in one transaction, which keeps other work from none of them for long.
AT_ONCE = 500


def may(*, by: User, organisation: Organisation | None) -> bool:
    """Return whether `by` may let in many people of `organisation`: None is all of them."""
    may_at_all = rights.may_unlock_many(by=by, organisation_id=organisation.pk if organisation else None)
    return may_at_all and (organisation is not None or rights.is_operator(user=by))


def outage_of(*, row: OutageUnlock) -> kept_out.Outage:
    """Return the outage of a list."""
    return kept_out.Outage(cause=Cause(row.cause), begins_at=row.begins_at, ends_at=row.ends_at)


def is_as_shown(*, row: OutageUnlock, by: User) -> bool:
    """Return whether no person is kept out by now who is not on the list. Takes those off it who are in again."""
    found = kept_out.find(by=by, organisation=row.organisation, outage=outage_of(row=row))
    if found is None or not set(found.people) <= set(row.people):
        return False
    row.people, row.to_let_in = found.people, len(found.people)
    return True


def some(*, row: OutageUnlock, by: User) -> None:
    """Let in the first AT_ONCE of a list, those who are kept out still, and take them off it.

    In the caller's transaction, which holds `row`. Records UNLOCKED, or WRONG_CODES_FORGIVEN, for each.
    """
    keys, row.people = row.people[:AT_ONCE], row.people[AT_ONCE:]
    found = kept_out.among(keys=keys, by=by, organisation=row.organisation, outage=outage_of(row=row))
    with events.noting(row.note):
        if found.outage.cause is Cause.WRONG_CODES:
            event, let_in = Event.WRONG_CODES_FORGIVEN, wrong_codes.lift_waits(people=found.people)
        else:
            event, let_in = Event.UNLOCKED, _lift_locks(found)
        reason = events.AFTER_OUTAGE
        recorded = events.record_many(event=event, about=[(key, reason) for key in sorted(let_in)], by=by)
    outbox.add_many(
        kind=Kind.HELPED,
        about=[{"users": [key], "event": recorded[key, reason]} for key in sorted(let_in)],
    )
    row.unlocked += len(let_in)
    if not row.people:
        _end(row)
    row.save()


def go_on(*, message: OutboxMessage, keep: Callable[[], None]) -> datetime.datetime | None:
    """Let in the people of the list of an outbox row, or go on with it; return None. `keep` raises LetGo."""
    under_way = OutageUnlock.objects.select_related("organisation", "asked_by").filter(
        pk=message.about["outage"], confirmed_at__isnull=False, done_at__isnull=True
    )
    while row := under_way.first():
        keep()
        _do_some(row)
    return None


def _do_some(row: OutageUnlock) -> None:
    """Do the next part of a list, or end it. Does nothing where another worker has done that part by now."""
    left = len(row.people)
    # Looked at before the first part alone, and in no transaction: it takes seconds.
    has_grown = left == row.to_let_in and not is_as_shown(row=row, by=row.asked_by)
    with events.coming_from(events.Origin(address=row.address or "")), transaction.atomic():
        now = OutageUnlock.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=row.pk)
        if now.done_at is not None or len(now.people) != left:
            return
        now.people, now.to_let_in = row.people, row.to_let_in
        by = User.objects.get(pk=now.asked_by_id)
        why = Ending.GREW if has_grown else None
        if not may(by=by, organisation=now.organisation):
            why = Ending.STOPPED
        elif is_late(row=now):
            why = Ending.LATE
        if why is None:
            some(row=now, by=by)
        else:
            _end(now, why)
            now.save()


def is_late(*, row: OutageUnlock) -> bool:
    """Return whether what was shown, or confirmed, is so long ago that those locks have ended by themselves."""
    return (row.confirmed_at or row.asked_at) <= timezone.now() - lockout.DURATION


def _end(row: OutageUnlock, why: Ending | None = None) -> None:
    """End a list, and forget what it was done with. The events have it."""
    row.done_at, row.why_ended = timezone.now(), why or ""
    row.people, row.note, row.address = [], "", None


def _lift_locks(found: kept_out.Found) -> set[int]:
    people = list(User.objects.filter(pk__in=found.people).only("pk", "username"))
    in_own = [person for person in people if person.pk in found.in_own_browsers_alone]
    others = [person for person in people if person.pk not in found.in_own_browsers_alone]
    return lockout.lift(people=others) | lockout.lift(people=in_own, in_known_browsers_alone=True)
