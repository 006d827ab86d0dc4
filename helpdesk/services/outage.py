"""Letting many people in again whom an outage has kept out: shown first, then done, with an event and a mail for each.

Locked are people whom strangers guess at too, and an attacker may wait for an outage, or say that there is one. So a
lock stays where any of the tries behind it came from a place where the person has not been in before, and how many
wrong passwords or codes in a row there were stays for all. docs/decisions/0056-the-morning-after-an-outage.md.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from accounts.models import OutageUnlock, User
from accounts.models.outage_unlock import Cause
from accounts.models.outbox import Kind
from accounts.services import events, outbox
from helpdesk import kept_out
from helpdesk.services import letting_in
from people.services import rights

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from accounts.models import Organisation

# So many are let in while the lead waits, a second at most. The worker lets in more.
FEW = 100
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
    """Return whether what was shown cannot be done any more, or is being done."""
    return row.confirmed_at is not None or row.done_at is not None or letting_in.is_late(row=row)


def unlock(*, row: OutageUnlock, by: User, note: str) -> int | None:
    """Let in the people who were shown to `by`, and are still kept out; return how many, or None where a worker does.

    A worker lets in more than FEW. Records UNLOCKED, or WRONG_CODES_FORGIVEN, for each, with `note`, and tells each by
    mail. Raises rights.NotAllowed, Over, and for a few Grew where there are others by now.
    """
    _refuse_who_may_not(by, row.organisation)
    if row.asked_by_id != by.pk:
        raise rights.NotAllowed
    if is_over(row):
        raise Over
    is_for_worker = len(row.people) > FEW
    # Before the transaction: where thousands are left out, it takes seconds.
    if not is_for_worker and not letting_in.is_as_shown(row=row, by=by):
        raise Grew
    with transaction.atomic():
        now = OutageUnlock.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=row.pk)
        # Of two presses one does it.
        if is_over(now):
            raise Over
        now.people, now.to_let_in = row.people, len(row.people)
        now.confirmed_at, now.note, now.address = timezone.now(), note, events.origin().address or None
        if is_for_worker:
            now.save()
            outbox.add(kind=Kind.OUTAGE_UNLOCK, about={"outage": now.pk})
            return None
        letting_in.some(row=now, by=by)
    return now.unlocked


def delete_old() -> int:
    """Delete what was shown longer than a day ago; return how many. The events say what was done. Daily work."""
    return OutageUnlock.objects.filter(asked_at__lt=timezone.now() - DAY).delete()[0]


def _refuse_who_may_not(by: User, organisation: Organisation | None) -> None:
    if not letting_in.may(by=by, organisation=organisation):
        raise rights.NotAllowed
