"""An upload that is sealed as it comes: a file of people holds dates of birth, and is nowhere in clear."""

from __future__ import annotations

import tempfile
import uuid
from typing import TYPE_CHECKING, Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile

from helpdesk.services.people_uploads import taking

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import IO

# Bytes that are sealed together.
PIECE = 256 * 1024


if TYPE_CHECKING:
    AnyUploadedFile = UploadedFile[Any]
else:
    AnyUploadedFile = UploadedFile


class SealedFile(AnyUploadedFile):
    """A file that was uploaded, in sealed pieces."""

    def __init__(self, sealed: IO[str], *, sealed_as: uuid.UUID, name: str, size: int) -> None:
        super().__init__(file=sealed, name=name, size=size)
        self.sealed_as, self._sealed = sealed_as, sealed

    def pieces(self) -> Iterator[str]:
        """Give the pieces in their order, from the first."""
        self._sealed.seek(0)
        return (line.rstrip("\n") for line in self._sealed)


class SealingUploadHandler(FileUploadHandler):
    """Takes one file, which goes to the disk of the server until the request ends, sealed."""

    chunk_size = PIECE

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self._sealed: IO[str] | None = None
        self._sealed_as = uuid.uuid4()
        self._waiting = b""
        self._number = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin a file. Raises SkipFile for any but the first."""
        super().new_file(*args, **kwargs)
        if self._sealed is not None:
            raise SkipFile
        # It has no name on the disk, and closes with the request.
        self._sealed = tempfile.TemporaryFile("w+", encoding="ascii")  # noqa: SIM115

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Seal what has come, as soon as it makes a piece."""
        self._waiting += raw_data
        while len(self._waiting) >= PIECE:
            self._seal(self._waiting[:PIECE])
            self._waiting = self._waiting[PIECE:]

    def file_complete(self, file_size: int) -> SealedFile | None:
        """Return the file."""
        if self._sealed is None:
            return None
        if self._waiting:
            self._seal(self._waiting)
            self._waiting = b""
        return SealedFile(self._sealed, sealed_as=self._sealed_as, name=self.file_name or "", size=file_size)

    def _seal(self, piece: bytes) -> None:
        assert self._sealed is not None  # noqa: S101 (new_file was called)
        self._sealed.write(taking.seal_piece(piece, sealed_as=self._sealed_as, number=self._number) + "\n")
        self._number += 1
