"""Importing people from the desk: a file is uploaded, looked at, confirmed and imported (docs/decisions/0051).

`taking` keeps the file, sealed; `looking` says what it would do; `deciding` has the agents' answers; `applying` does
it, batch by batch; `ending` erases the file. `web_rules` says what one agent may not have a file do alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from accounts.models import PeopleUpload
from accounts.models.people_upload import OPEN, UploadState
from helpdesk.services.people_uploads import applying, ending, looking

if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable

    from accounts.models import OutboxMessage

# A worker that is killed each time that it comes to a file leaves it alone from then on.
MOST_ATTEMPTS = 5


def go_on(*, message: OutboxMessage, keep: Callable[[], None]) -> datetime.datetime | None:
    """Do what the file of an outbox row waits for; return None once it is over, or when it has to be.

    Done again it goes on where it was. `keep` raises LetGo of accounts.jobs.
    """
    upload = PeopleUpload.objects.select_related("organisation").filter(pk=message.about["upload"]).first()
    if upload is None or upload.state not in OPEN:
        return None
    over_at = upload.uploaded_at + ending.FILE_KEPT_FOR
    if upload.state != UploadState.APPLYING and over_at <= timezone.now():
        ending.end(upload=upload, state=UploadState.OVER)
    elif message.attempts > MOST_ATTEMPTS:
        ending.end(upload=upload, state=UploadState.STOPPED)
    elif upload.state == UploadState.CHECKING:
        looking.look(upload=upload, keep=keep)
    elif upload.state == UploadState.APPLYING:
        applying.apply(upload=upload, keep=keep)
    is_open = PeopleUpload.objects.filter(pk=upload.pk, state__in=OPEN).exists()
    return over_at if is_open else None
