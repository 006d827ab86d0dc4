"""Keeping a file that an agent uploads: sealed, in pieces, in the database, which all machines share."""

from __future__ import annotations

import datetime
import io
import itertools
from typing import TYPE_CHECKING, BinaryIO

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import sealing
from accounts.models import PeopleUpload, PeopleUploadPiece
from accounts.models.outbox import Kind
from accounts.models.people_upload import OPEN
from accounts.models.security_event import Event
from accounts.services import events, outbox
from people.services import rights

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable

    from accounts.models import Organisation, User

# Bytes: two hundred thousand people as CSV, and twice as many as XLSX.
LARGEST = 16 * 1024 * 1024
# Of an organisation: a file that is mended and sent again a few times, and no work for the workers all day.
UPLOADS_A_DAY = 10
DAY = datetime.timedelta(days=1)
LONGEST_FILE_NAME = 100
_AT_ONCE = 8
# The import that was in the way may be over, and another begun, before it is looked for.
_TRIES = 10


class OpenAlready(Exception):
    """Another import into the organisation, `upload`, is not over."""

    def __init__(self, upload: PeopleUpload) -> None:
        super().__init__()
        self.upload = upload


class TooManyToday(Exception):
    """UPLOADS_A_DAY files were uploaded for the organisation within a day."""


class CannotOpen(Exception):
    """The file cannot be put together again: a key was taken away, or a piece is missing."""


def seal_piece(piece: bytes, *, sealed_as: uuid.UUID, number: int) -> str:
    """Return a piece of a file as the database keeps it. It opens in its place in this file, and in no other."""
    return sealing.seal(piece, of=_name(sealed_as, number))


def take(
    *, organisation: Organisation, file_name: str, size: int, sealed_as: uuid.UUID, pieces: Iterable[str], by: User
) -> PeopleUpload:
    """Keep a file, sealed in `pieces`, to be looked at by a worker; return its row. Records PEOPLE_FILE_UPLOADED.

    Raises NotAllowed, OpenAlready and TooManyToday.
    """
    if not rights.may_import(by=by, organisation=organisation):
        raise rights.NotAllowed
    upload = PeopleUpload(
        organisation=organisation, file_name=tidy_name(file_name), sealed_as=sealed_as, uploaded_by=by, of=size
    )
    for tries_left in reversed(range(_TRIES)):
        try:
            _keep(upload, pieces, by)
        except IntegrityError:
            in_the_way = PeopleUpload.objects.filter(organisation=organisation, state__in=OPEN).first()
            if in_the_way is not None:
                raise OpenAlready(in_the_way) from None
            if not tries_left:
                raise
        else:
            break
    return upload


def _keep(upload: PeopleUpload, pieces: Iterable[str], by: User) -> None:
    """Keep a file whole, or nothing of it. Raises TooManyToday, and IntegrityError where another is open.

    Either before the first piece is asked for.
    """
    with transaction.atomic():
        upload.pk = None
        upload.save(force_insert=True)
        # After it: of those who upload at once one comes as far as this.
        lately = PeopleUpload.objects.filter(organisation=upload.organisation, uploaded_at__gt=timezone.now() - DAY)
        if lately.count() > UPLOADS_A_DAY:
            raise TooManyToday
        numbered = enumerate(pieces)
        while batch := list(itertools.islice(numbered, _AT_ONCE)):
            PeopleUploadPiece.objects.bulk_create(
                PeopleUploadPiece(upload=upload, number=number, sealed=sealed) for number, sealed in batch
            )
        outbox.add(kind=Kind.PEOPLE_FILE, about={"upload": upload.pk})
        events.record(event=Event.PEOPLE_FILE_UPLOADED, user_id=by.pk, reference=reference(upload))


def opened(*, upload: PeopleUpload) -> BinaryIO:
    """Return the file of `upload`, in memory. Raises CannotOpen."""
    file = io.BytesIO()
    rows = PeopleUploadPiece.objects.filter(upload=upload).order_by("number").values_list("number", "sealed")
    for place, (number, sealed) in enumerate(rows.iterator(chunk_size=_AT_ONCE)):
        if number != place:
            raise CannotOpen
        try:
            file.write(sealing.unseal(sealed, of=_name(upload.sealed_as, number)))
        except sealing.CannotOpen as error:
            raise CannotOpen from error
    if not file.tell():
        raise CannotOpen
    file.seek(0)
    return file


def reference(upload: PeopleUpload) -> str:
    """Return by what the events of an import name it."""
    return f"M{upload.pk}"


def tidy_name(file_name: str) -> str:
    """Return the name of a file as it is shown: what cannot be printed is left out, and of a long one the beginning."""
    printable = "".join(character for character in file_name if character.isprintable())
    if len(printable) <= LONGEST_FILE_NAME:
        return printable
    beginning, _, kind = printable.rpartition(".")
    kind = f"….{kind}"[:20]
    return beginning[: LONGEST_FILE_NAME - len(kind)] + kind


def _name(sealed_as: uuid.UUID, number: int) -> str:
    return f"people_file-{sealed_as}-{number}"
