"""What the agents answer to what a file would do: confirm, cancel, and as a second agent agree or refuse."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from accounts.models import PeopleUpload, User
from accounts.models.outbox import Kind
from accounts.models.people_upload import UploadState
from accounts.models.security_event import Event
from accounts.services import events, outbox
from helpdesk.services import second_agent
from helpdesk.services.people_uploads import ending, taking
from people.services import rights, same_person

if TYPE_CHECKING:
    from django.db.models import QuerySet


class ChangedSince(Exception):
    """The import is not as far as the page said, or would do something else by now."""


def seen_by(*, agent: User) -> QuerySet[PeopleUpload]:
    """Return the imports that `agent` may see: none, without a right to see any."""
    # Not joined with its agents: the report stays where one of them is on record no more.
    agents = ("uploaded_by", "confirmed_by", "decided_by")
    rows = PeopleUpload.objects.select_related("organisation").prefetch_related(*agents)
    if not rights.may_see_imports(by=agent):
        return rows.none()
    return rows if rights.is_operator(user=agent) else rows.filter(organisation_id=agent.organisation_id)


def confirm(*, upload: PeopleUpload, by: User, digest: str, with_guarded: bool = False, reason: str = "") -> None:
    """Let a file be imported as the page with `digest` showed it. Records PEOPLE_FILE_CONFIRMED.

    With `with_guarded` it waits for a second agent, whom `reason` tells why. Raises NotAllowed, ChangedSince.
    """
    with transaction.atomic():
        row = _locked(upload)
        if not rights.may_import(by=by, organisation=row.organisation):
            raise rights.NotAllowed
        _refuse_another(row, UploadState.READY, digest)
        row.confirmed_by, row.confirmed_at = by, timezone.now()
        row.with_guarded = with_guarded and bool(row.guarded)
        row.reason = reason
        row.state = UploadState.WAITING if row.with_guarded else UploadState.APPLYING
        row.has_changed, row.done = False, 0
        row.save()
        events.record(event=Event.PEOPLE_FILE_CONFIRMED, user_id=by.pk, reference=taking.reference(row))
        if not row.with_guarded:
            outbox.add(kind=Kind.PEOPLE_FILE, about={"upload": row.pk})
    upload.refresh_from_db()


def cancel(*, upload: PeopleUpload, by: User) -> None:
    """Give up a file that is not being imported. Raises NotAllowed, ChangedSince."""
    with transaction.atomic():
        row = _locked(upload)
        if not rights.may_import(by=by, organisation=row.organisation):
            raise rights.NotAllowed
        if row.state not in {UploadState.CHECKING, UploadState.READY, UploadState.WAITING}:
            raise ChangedSince
        ending.end(upload=row, state=UploadState.CANCELLED)
    upload.refresh_from_db()


def may_agree(*, upload: PeopleUpload, by: User) -> bool:
    """Return whether `by` may be the second agent: another human being than who brought it and whom it changes."""
    if not rights.may_agree_to_import(by=by, organisation=upload.organisation):
        return False
    if not _is_another_agent(upload, by=by):
        return False
    if not same_person.ways_in_of(user=by).isdisjoint(each["new"] for each in upload.guarded):
        return False
    people = list(User.objects.filter(pk__in=[each["person"] for each in upload.guarded]))
    return not same_person.same_among(user=by, people=people) and all(
        rights.may_approve(by=by, person=person, is_another=True) for person in people
    )


def _is_another_agent(upload: PeopleUpload, *, by: User) -> bool:
    """Return whether `by` is another than who uploaded and who confirmed a file, and both are still on record."""
    keys = {upload.confirmed_by_id, upload.uploaded_by_id}
    asked = list(User.objects.filter(pk__in=[key for key in keys if key]))
    others = [other for other in asked if second_agent.may_be_second(by=by, asked_by=other, person=other)]
    return len(others) == len(keys)


def agree(*, upload: PeopleUpload, by: User, digest: str, decision: str = "") -> None:
    """Let `by`, a second agent, agree to all that `upload.guarded` says. Records PEOPLE_FILE_AGREED.

    Raises NotAllowed, ChangedSince.
    """
    with transaction.atomic():
        row = _decided(upload, by=by, digest=digest, decision=decision)
        row.state = UploadState.APPLYING
        row.save()
        events.record(event=Event.PEOPLE_FILE_AGREED, user_id=by.pk, reference=taking.reference(row))
        outbox.add(kind=Kind.PEOPLE_FILE, about={"upload": row.pk})
    upload.refresh_from_db()


def refuse(*, upload: PeopleUpload, by: User, digest: str, decision: str) -> None:
    """Let `by`, a second agent, refuse, which ends the import. Raises NotAllowed, ChangedSince."""
    with transaction.atomic():
        row = _decided(upload, by=by, digest=digest, decision=decision)
        row.save()
        ending.end(upload=row, state=UploadState.REFUSED)
    upload.refresh_from_db()


def _decided(upload: PeopleUpload, *, by: User, digest: str, decision: str) -> PeopleUpload:
    row = _locked(upload)
    if not rights.may_agree_to_import(by=by, organisation=row.organisation):
        raise rights.NotAllowed
    _refuse_another(row, UploadState.WAITING, digest)
    if not may_agree(upload=row, by=by):
        raise rights.NotAllowed
    row.decided_by, row.decided_at, row.decision = by, timezone.now(), decision
    return row


def _locked(upload: PeopleUpload) -> PeopleUpload:
    return PeopleUpload.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=upload.pk)


def _refuse_another(row: PeopleUpload, state: UploadState, digest: str) -> None:
    """Raise ChangedSince where the import is not `state`, another look was shown, or its hours are over."""
    is_late = row.uploaded_at + ending.FILE_KEPT_FOR <= timezone.now()
    if row.state != state or is_late or not hmac.compare_digest(row.digest.encode(), digest.encode()):
        raise ChangedSince
