"""Doing what was confirmed, batch by batch: each is whole in the database, with how far the import is, or not at all.

A worker that is killed leaves whole batches behind, and the next goes on after the last of them. Each batch is planned
again in its own transaction, so that what others have changed meanwhile is seen, and the rules of the web hold for it.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from accounts.jobs import LetGo
from accounts.models import PeopleUpload, User
from accounts.models.people_upload import UploadState
from helpdesk.services.people_uploads import ending, looking, web_rules
from people.services import rights, usernames
from people.services.people_import import applying, matching
from people.services.people_import.batches import batches
from people.services.people_import.checking import Checked
from people.services.people_import.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from people.services.people_import.checking import Facts

# Another agent or import may add the same person between our read and our write; reading again shows it.
_TRIES = 3


class _MayNoMore(Exception):
    """An agent who confirmed it or agreed to it has not the right any more."""


def apply(*, upload: PeopleUpload, keep: Callable[[], None]) -> None:
    """Import the file of a confirmed `upload`, or go on with it.

    Where the records have changed so that the result would be another than the one that was confirmed, nothing is done,
    and it is to be confirmed anew.
    """
    checked = looking.read(upload=upload, keep=keep)
    if checked is None:
        return
    try:
        by = _confirmed_by(upload)
        if not upload.applied_to:
            seen = looking.at(checked, by=by, keep=keep)
            if seen.digest != upload.digest:
                looking.store(upload=upload, seen=seen, was=UploadState.APPLYING)
                return
            _begin(upload, checked)
        _import(upload, checked, keep)
    except _MayNoMore:
        ending.end(upload=upload, state=UploadState.STOPPED)
    else:
        ending.end(upload=upload, state=UploadState.APPLIED)


def _begin(upload: PeopleUpload, checked: Checked) -> None:
    """Count from nothing what is done. Raises LetGo."""
    with transaction.atomic():
        row = _held(upload)
        row.added = row.changed = row.ended = row.unchanged = row.done = 0
        row.of = len(checked.people)
        row.faults = looking.as_kept(checked.faults)
        row.left_out = len({fault.line for fault in checked.faults})
        row.save(update_fields=["added", "changed", "ended", "unchanged", "left_out", "faults", "done", "of"])


def _held(upload: PeopleUpload) -> PeopleUpload:
    """Return the import as it is by now, under a lock. Raises LetGo where it is no longer where this worker left it.

    Another worker has taken this one for dead and does the same, or has another row of the outbox for it.
    """
    row = PeopleUpload.objects.select_for_update().get(pk=upload.pk)
    if row.state != UploadState.APPLYING or row.applied_to != upload.applied_to:
        raise LetGo
    return row


def _import(upload: PeopleUpload, checked: Checked, keep: Callable[[], None]) -> None:
    """Import the people after those that are in the database already. Raises LetGo, _MayNoMore."""
    numbers = None
    to_do = [facts for facts in checked.people if facts.line > upload.applied_to]
    for batch in batches(to_do):
        keep()
        numbers = _import_batch(upload, dataclasses.replace(checked, people=batch, faults=[]), numbers)


def _import_batch(upload: PeopleUpload, part: Checked, numbers: usernames.Numbers | None) -> usernames.Numbers:
    """Import a batch; return what knows the usernames that are taken. Raises LetGo, _MayNoMore, IntegrityError."""
    tries = 0
    while True:
        numbers = numbers or applying.numbers_taken(codes=[upload.organisation.code])
        try:
            with transaction.atomic():
                applied_to = _write(upload, part, numbers)
        except IntegrityError:
            tries, numbers = tries + 1, None
            if tries == _TRIES:
                raise
        else:
            upload.applied_to = applied_to
            return numbers


def _write(upload: PeopleUpload, part: Checked, numbers: usernames.Numbers) -> int:
    """Write a batch, with how far the import is; return the line of its last. Raises LetGo, _MayNoMore."""
    usernames.lock(organisations=[upload.organisation_id])
    row = _held(upload)
    by = _confirmed_by(row)
    _lock(row, part.people)
    planned = matching.plan(checked=part, from_desk=True)
    allowed = web_rules.sort(planned=planned, by=by)
    left = [*allowed.left, *_agreed(row, allowed)]
    applying.write(planned=allowed.plan, by=by, numbers=numbers)
    row.added += len(allowed.plan.new)
    row.changed += len(allowed.plan.changes)
    row.ended += looking.ends(allowed.plan.changes)
    row.unchanged += allowed.plan.unchanged
    row.left_out += len({fault.line for fault in left})
    row.faults = sorted([*row.faults, *looking.as_kept(left)])[: looking.MOST_FAULTS_KEPT]
    row.applied_to, row.done = part.people[-1].line, row.done + len(part.people)
    row.save()
    return row.applied_to


def _agreed(row: PeopleUpload, allowed: web_rules.Allowed) -> list[Fault]:
    """Add to the plan what the second agent has seen and agreed to; return why the rest of such lines is left out."""
    seen = row.guarded if row.with_guarded else []
    left = []
    for guarded in allowed.guarded:
        if looking.as_shown(guarded) in seen:
            allowed.plan.changes.append(guarded.change)
        else:
            left.append(web_rules.why_two(guarded))
    return left


def _lock(row: PeopleUpload, people: Sequence[Facts]) -> None:
    """Keep these people's records as they are, from the reading to the writing, in the order in which others lock."""
    numbers = [facts.employee_number for facts in people]
    rows = User.objects.filter(organisation=row.organisation_id, employee_number__in=numbers).order_by("pk")
    list(rows.select_for_update(no_key=True).values_list("pk"))


def _confirmed_by(row: PeopleUpload) -> User:
    """Return the agent for whom it is done. Raises _MayNoMore, also for the second agent."""
    agents = User.objects.in_bulk([pk for pk in (row.confirmed_by_id, row.decided_by_id) if pk])
    by, second = agents.get(row.confirmed_by_id or 0), agents.get(row.decided_by_id or 0)
    if by is None or not rights.may_import(by=by, organisation=row.organisation):
        raise _MayNoMore
    if not row.with_guarded:
        return by
    if second is None or not rights.may_agree_to_import(by=second, organisation=row.organisation):
        raise _MayNoMore
    return by
