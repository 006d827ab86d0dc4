"""The end of an import from the desk: the file is erased, the report stays."""

from __future__ import annotations

import datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import PeopleUpload, PeopleUploadPiece
from accounts.models.people_upload import OPEN, UploadState

# For the agents who confirm it and agree to it.
FILE_KEPT_FOR = datetime.timedelta(hours=24)
# As of what agents ask for one by one (helpdesk/services/proposals.py).
VALUES_KEPT_FOR = datetime.timedelta(days=30)
REPORT_KEPT_FOR = datetime.timedelta(days=365)


def end(*, upload: PeopleUpload, state: UploadState) -> None:
    """End an import: erase the file, and of the report what names people. What a second agent saw stays for a while.

    Of a file of which nothing was done, the report does not go on counting what it would have done. Does nothing where
    the import has ended already.
    """
    with transaction.atomic():
        row = PeopleUpload.objects.select_for_update().get(pk=upload.pk)
        if row.state not in OPEN:
            return
        PeopleUploadPiece.objects.filter(upload=row).delete()
        row.state, row.ended_at = state, timezone.now()
        if state != UploadState.APPLIED and not row.applied_to:
            row.added = row.changed = row.ended = row.unchanged = 0
        row.sample, row.faults = [], [without_what_it_says(fault) for fault in row.faults]
        row.unseen = None
        if row.decided_by_id is None:
            row.guarded = []
        row.save()
    upload.refresh_from_db()


def without_what_it_says(fault: list[object]) -> list[object]:
    """Return a kept fault without what the file says there."""
    return [*fault[:3], ""]


def end_old() -> int:
    """End what was not confirmed in time, forget what second agents saw, delete old reports; return how many.

    Daily work: a worker ends each at its hour, where one runs.
    """
    now = timezone.now()
    late = PeopleUpload.objects.filter(state__in=OPEN, uploaded_at__lte=now - FILE_KEPT_FOR)
    count = 0
    for upload in late.exclude(state=UploadState.APPLYING):
        end(upload=upload, state=UploadState.OVER)
        count += 1
    old = PeopleUpload.objects.filter(ended_at__lte=now - VALUES_KEPT_FOR).exclude(guarded=[])
    count += old.update(guarded=[])
    deleted, _ = PeopleUpload.objects.filter(ended_at__lte=now - REPORT_KEPT_FOR).delete()
    return count + deleted
