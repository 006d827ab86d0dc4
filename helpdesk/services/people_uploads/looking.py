"""What a file would do: counted, with some of it to read, and each line that is left out with what to do about it."""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import time
from typing import TYPE_CHECKING

from django.db import transaction

from accounts.identifiers import keyed_digest
from accounts.models import PeopleUpload, User
from accounts.models.people_upload import UploadState
from helpdesk.services.people_uploads import ending, taking, web_rules
from people.services import rights
from people.services.people_import import checking, matching, reading
from people.services.people_import.batches import batches
from people.services.people_import.checking import Checked
from people.services.people_import.faults import Fault, Faulty
from people.services.people_import.spreadsheets import Unseen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from people.services.people_import.matching import Change

# Of the lines that are left out, as many as a person may want to mend by hand.
MOST_FAULTS_KEPT = 500
NEW_SHOWN = 5
CHANGES_SHOWN = 20
# What a second agent can read through. A file with more of them is work for the command line.
MOST_GUARDED = 200
# What the web needs not: a person on record keeps the date that is there, whatever the file says.
MAY_LACK = frozenset({"date_of_birth"})
# Seconds between two notes of how far it is.
BETWEEN_NOTES = 1.0


@dataclasses.dataclass(slots=True)
class Look:
    """What a file would do."""

    added: int = 0
    changed: int = 0
    ended: int = 0
    unchanged: int = 0
    left: list[Fault] = dataclasses.field(default_factory=list)
    sample: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    guarded: list[web_rules.Guarded] = dataclasses.field(default_factory=list)
    digest: str = ""
    unseen: Unseen = dataclasses.field(default_factory=Unseen)


def look(*, upload: PeopleUpload, keep: Callable[[], None]) -> None:
    """Read a file, keep what it would do, and let the agents confirm it; or say why it cannot be read."""
    by = User.objects.filter(pk=upload.uploaded_by_id).first()
    if by is None or not rights.may_import(by=by, organisation=upload.organisation):
        ending.end(upload=upload, state=UploadState.STOPPED)
        return
    checked = read(upload=upload, keep=keep)
    if checked is not None:
        store(upload=upload, seen=at(checked, by=by, keep=keep), was=UploadState.CHECKING)


def read(*, upload: PeopleUpload, keep: Callable[[], None]) -> Checked | None:
    """Return what the file of `upload` holds, or None where it cannot be read: then the import has ended."""
    note = _notes(upload, keep)
    try:
        with reading.read(file=taking.opened(upload=upload), progress=note, may_lack=MAY_LACK) as table:
            return checking.check(table=table, only=upload.organisation)
    except taking.CannotOpen:
        upload.faults = []
    except Faulty as faulty:
        upload.faults = as_kept(faulty.faults)
    PeopleUpload.objects.filter(pk=upload.pk).update(faults=upload.faults)
    ending.end(upload=upload, state=UploadState.UNREADABLE)
    return None


def at(checked: Checked, *, by: User, keep: Callable[[], None]) -> Look:
    """Return what a checked file would do today, by `by`. Writes nothing."""
    seen = Look(left=list(checked.faults), unseen=checked.unseen)
    told = hashlib.sha256()
    for batch in batches(checked.people):
        keep()
        part = Checked(columns=checked.columns, people=batch, faults=[])
        allowed = web_rules.sort(planned=matching.plan(checked=part, from_desk=True), by=by)
        _count(seen, allowed)
        told.update(_as_told(allowed).encode())
    told.update(repr([dataclasses.astuple(fault) for fault in checked.faults]).encode())
    seen.digest = keyed_digest(purpose="people_upload.look", value=told.hexdigest())
    return seen


def store(*, upload: PeopleUpload, seen: Look, was: UploadState) -> None:
    """Keep what a file would do, to be confirmed.

    Does nothing where the import is not `was` any more, or another worker has begun to do it.
    """
    with transaction.atomic():
        row = PeopleUpload.objects.select_for_update().get(pk=upload.pk)
        if row.state != was or row.applied_to != upload.applied_to:
            return
        row.has_changed = was != UploadState.CHECKING
        row.state = UploadState.READY
        row.added, row.changed, row.ended, row.unchanged = seen.added, seen.changed, seen.ended, seen.unchanged
        row.left_out = len({fault.line for fault in seen.left})
        row.faults = as_kept(seen.left)
        row.sample, row.guarded = seen.sample, [as_shown(each) for each in seen.guarded]
        row.digest = seen.digest
        row.unseen = dataclasses.asdict(seen.unseen)
        # What was agreed to was another look.
        row.confirmed_by = row.confirmed_at = row.decided_by = row.decided_at = None
        row.with_guarded, row.decision = False, ""
        row.save()
    upload.refresh_from_db()


def as_kept(faults: Iterable[Fault]) -> list[list[Any]]:
    """Return faults as a row keeps them: the first by line."""
    first = sorted(faults, key=lambda fault: (fault.line, fault.column))[:MOST_FAULTS_KEPT]
    return [[fault.line, fault.column, fault.problem, fault.says] for fault in first]


def as_shown(guarded: web_rules.Guarded) -> dict[str, Any]:
    """Return what a second agent sees of one line, and what is compared before it is done.

    `others` is what else it changes: who is shown an address and no name would agree to a name unseen.
    """
    changes = _shown(guarded.change, guarded.person)["changes"]
    return {
        "line": guarded.change.line,
        "person": guarded.person.pk,
        "name": guarded.person.get_full_name(),
        "username": guarded.person.username,
        "column": guarded.column,
        "old": guarded.old,
        "new": guarded.new,
        "others": [change for change in changes if change[0] != guarded.column],
    }


def _count(seen: Look, allowed: web_rules.Allowed) -> None:
    room = MOST_GUARDED - len(seen.guarded)
    seen.guarded += allowed.guarded[:room]
    seen.left += [*allowed.left, *map(web_rules.why_two, allowed.guarded[room:])]
    seen.added += len(allowed.plan.new)
    seen.changed += len(allowed.plan.changes)
    seen.ended += ends(allowed.plan.changes)
    seen.unchanged += allowed.plan.unchanged
    shown = sum(not each["changes"] for each in seen.sample)
    for facts in allowed.plan.new[: max(0, NEW_SHOWN - shown)]:
        name = f"{facts.given_name} {facts.family_name}"
        seen.sample.append({"line": facts.line, "name": name, "username": "", "changes": []})
    changes = allowed.plan.changes[: max(0, CHANGES_SHOWN - (len(seen.sample) - shown))]
    people = User.objects.in_bulk([change.user_id for change in changes])
    seen.sample += [_shown(change, people[change.user_id]) for change in changes]


def ends(changes: Iterable[Change]) -> int:
    """Return how many of these changes give a person a last day, or another."""
    return sum(change.after.get("ends_on") is not None for change in changes)


def _shown(change: Change, person: User) -> dict[str, Any]:
    """Return one change to be read. No date of birth is among them: a file from the desk changes none."""
    changes = [[column, _text(change.before[column]), _text(value)] for column, value in change.after.items()]
    return {
        "line": change.line,
        "name": person.get_full_name(),
        "username": person.username,
        "changes": changes,
    }


def _text(fact: object) -> str:
    return fact.isoformat() if isinstance(fact, datetime.date) else str(fact or "")


def _as_told(allowed: web_rules.Allowed) -> str:
    """Return all that a part of a file would do, of which a digest is made."""
    changes = [*allowed.plan.changes, *(each.change for each in allowed.guarded)]
    of_each = (
        [dataclasses.astuple(facts) for facts in allowed.plan.new],
        [dataclasses.astuple(change) for change in changes],
        [dataclasses.astuple(fault) for fault in allowed.left],
        allowed.plan.unchanged,
    )
    return repr(of_each)


def _notes(upload: PeopleUpload, keep: Callable[[], None]) -> Callable[..., None]:
    """Return what writes down how far the reading is, as often as a page is looked at."""
    noted = time.monotonic()

    def note(*, step: str, done: int, of: int) -> None:
        nonlocal noted
        if time.monotonic() - noted < BETWEEN_NOTES:
            return
        noted = time.monotonic()
        keep()
        if upload.state == UploadState.CHECKING:
            # A file in memory does not say how long it is; how many bytes came is on record since it did.
            size = {"of": of} if of else {}
            PeopleUpload.objects.filter(pk=upload.pk).update(done=done, **size)

    return note
