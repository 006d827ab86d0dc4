"""An import of many people that goes on beside an attack."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from bench.attacks import ledger

if TYPE_CHECKING:
    from bench.attacks.attack import Result

# Seconds.
LOOKED_AT_WITHIN = 120
DONE_WITHIN = 600


class Importing:
    """A file of so many people: looked at and confirmed as the block begins, imported by the workers meanwhile."""

    def __init__(self, count: int) -> None:
        self._count, self._row = count, 0

    def __enter__(self) -> Importing:
        """Upload, wait until it is looked at, and confirm."""
        from accounts.models import PeopleUpload
        from accounts.models.people_upload import UploadState
        from helpdesk.services.people_uploads import deciding
        from tests.support.helpdesk import make_lead
        from tests.support.imports import csv_of, upload
        from tests.support.people_files import jo

        lead = make_lead()
        lines = (jo(employee_number=f"4{n:07}", email=f"imported{n}@nhs.net") for n in range(self._count))
        row = upload(csv_of(*lines), by=lead)
        self._row = row.pk
        until = time.monotonic() + LOOKED_AT_WITHIN
        while row.state == UploadState.CHECKING and time.monotonic() < until:
            time.sleep(0.2)
            row = PeopleUpload.objects.get(pk=self._row)
        deciding.confirm(upload=row, by=lead, digest=row.digest)
        return self

    def __exit__(self, *error: object) -> None:
        """Leave it to the workers."""

    def wait(self, *, ends_leases: bool) -> None:
        """Wait until it is over."""
        from accounts.models import PeopleUpload
        from accounts.models.people_upload import OPEN

        until = time.monotonic() + DONE_WITHIN
        while PeopleUpload.objects.filter(pk=self._row, state__in=OPEN).exists() and time.monotonic() < until:
            ledger.settle(ends_leases=ends_leases, within=10)

    def check(self, result: Result) -> None:
        """Each person of the file is there once, and has one event."""
        from accounts.models import PeopleUpload, SecurityEvent, User
        from accounts.models.people_upload import UploadState
        from accounts.models.security_event import Event

        row = PeopleUpload.objects.get(pk=self._row)
        people = User.objects.filter(employee_number__startswith="4", email__startswith="imported")
        events = SecurityEvent.objects.filter(event=Event.PERSON_IMPORTED, user__in=people)
        counts = [people.count(), people.values("username").distinct().count(), row.added]
        counts += [events.count(), events.values("user").distinct().count()]
        result.say("Imported meanwhile", f"{counts[0]} of {self._count} people")
        result.must(row.state == UploadState.APPLIED, f"the import is {row.state}")
        result.must(set(counts) == {self._count}, f"an import of {self._count} has made {counts}")
