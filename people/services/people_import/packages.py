"""Which spreadsheets are opened at all: what unpacks to more than any list of people is refused before it is read.

An XLSX file is a ZIP file of XML. The library that reads it holds all of a row, and all texts, in memory, and believes
what the file says of its size; so each part is unpacked once here, piece by piece, and counted.
"""

from __future__ import annotations

import dataclasses
import os
import zipfile
import zlib
from typing import TYPE_CHECKING, BinaryIO
from xml.etree import ElementTree
from xml.parsers import expat

from django.utils.translation import gettext_lazy

from people.services.people_import.faults import Fault, Faulty

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

# Bytes of all parts together. A hundred thousand people with eleven columns unpack to 60 million.
MOST_UNPACKED = 150_000_000
# Deflate makes 1,032 to 1 of nothing but zeros (zlib, "Maximum Compression Factor"), spreadsheets 8 to 25 to 1.
MOST_RATIO = 100
# A part that is as small may be as repetitive as it likes.
SMALL_PART = 1_000_000
# Bytes of the list of parts: some 600 of them. It is read whole.
LONGEST_LIST = 65_536
# Elements of XML in all parts: two or three for each cell.
MOST_ELEMENTS = 5_000_000
# Elements that are in memory at once otherwise: of a row, or of all styles. A workbook has 65,490 styles at most.
MOST_TOGETHER = 100_000
MOST_ATTRIBUTES = 50
# Texts that are kept for all of the reading: six different ones for each of 200,000 people.
MOST_TEXTS = 1_500_000
# Characters in one cell are 32,767 at most (Excel, "Specifications and limits").
LONGEST_TEXT = 100_000
DEEPEST = 100

_CHUNK = 65_536
_TYPES = "[Content_Types].xml"
# What zipfile and ElementTree say of a package that is damaged, or that an attacker wrote.
_UNREADABLE = (
    *(zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, ValueError, LookupError),
    ElementTree.ParseError,
)
# ISO/IEC 29500-1, 18.3.1.73 and 18.4.8.
_OF_SHEETS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_ROW, _TEXT = f"{_OF_SHEETS} row", f"{_OF_SHEETS} si"
# The element that all of a part is in, what the list of types calls it, and where it is.
_MAY_BE_LARGE = (
    (f"{_OF_SHEETS} worksheet", ["worksheet+xml"], "xl/worksheets"),
    (f"{_OF_SHEETS} sst", ["sharedStrings+xml"], "xl"),
)
_END, _END_OF_64 = b"PK\x05\x06", b"PK\x06\x07"
_END_LENGTH, _LONGEST_COMMENT = 22, 65_535

BROKEN = gettext_lazy(
    "This spreadsheet cannot be read. Open it in your spreadsheet program, save it as “Excel workbook (.xlsx)” without "
    "a password, and try again."
)
_TOO_LARGE = gettext_lazy(
    "This spreadsheet unpacks to far more than a list of people. Copy the rows into a new workbook, or save it as "
    "“CSV UTF-8 (comma delimited)”."
)
_MACROS = gettext_lazy(
    "This spreadsheet has macros, which are not let in. Save it as “Excel workbook (.xlsx)”, without macros."
)
_OTHER_KIND = gettext_lazy("This is a spreadsheet of another kind. Save it as “Excel workbook (.xlsx)”.")


def check(*, file: BinaryIO) -> int:
    """Return how many rows all sheets of a workbook have together. Raises Faulty for what is not to be opened.

    `file` is at its beginning afterwards.
    """
    try:
        _refuse_long_list(file)
        with zipfile.ZipFile(file) as package:
            _refuse_other_kinds(package)
            _refuse_large(package)
            counted = _Counts()
            large = {}
            for part in package.infolist():
                before = counted.elements
                _count(package, part, counted)
                if counted.elements - before > MOST_TOGETHER:
                    large[part.filename] = counted.root
            _refuse_large_of_another_kind(package, large)
    except _UNREADABLE as error:
        raise _refused(BROKEN) from error
    file.seek(0)
    return counted.rows


def _refused(problem: _StrPromise) -> Faulty:
    return Faulty([Fault(0, "", str(problem))])


def _refuse_long_list(file: BinaryIO) -> None:
    """Raise Faulty where the list of parts, which zipfile reads whole, is long (APPNOTE.TXT, 4.3.16).

    Nothing that is small enough needs the list of ZIP64, which says otherwise.
    """
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _END_LENGTH - _LONGEST_COMMENT - len(_END_OF_64) - 16))
    tail = file.read()
    file.seek(0)
    found = tail.rfind(_END)
    if found < 0 or len(tail) - found < _END_LENGTH or _END_OF_64 in tail:
        raise _refused(BROKEN)
    if int.from_bytes(tail[found + 12 : found + 16], "little") > LONGEST_LIST:
        raise _refused(_TOO_LARGE)


def _refuse_other_kinds(package: zipfile.ZipFile) -> None:
    names = {name.lower() for name in package.namelist()}
    if any(name.endswith("vbaproject.bin") for name in names):
        raise _refused(_MACROS)
    if "xl/workbook.bin" in names or "mimetype" in names or "[content_types].xml" not in names:
        raise _refused(_OTHER_KIND)
    types = package.getinfo(_TYPES)
    if types.file_size <= SMALL_PART and b"macroEnabled" in package.read(types):
        raise _refused(_MACROS)


def _refuse_large(package: zipfile.ZipFile) -> None:
    """Raise Faulty by what the file says of its parts. zipfile unpacks no more of one than that."""
    parts = package.infolist()
    if sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise _refused(_TOO_LARGE)
    if any(part.file_size > max(SMALL_PART, MOST_RATIO * part.compress_size) for part in parts):
        raise _refused(_TOO_LARGE)
    if any(part.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED} for part in parts):
        raise _refused(BROKEN)


def _refuse_large_of_another_kind(package: zipfile.ZipFile, large: dict[str, str]) -> None:
    """Raise Faulty where a large part is not read as what it is: the library lets go of rows and texts there alone.

    It finds texts by the list of types, sheets by their place, and reads whole what is said to be a sheet of charts.
    """
    if _TYPES in large:
        raise _refused(_TOO_LARGE)
    types = ElementTree.fromstring(package.read(_TYPES))  # noqa: S314 (it names no entities)
    said = [(each.get("PartName", "").lstrip("/"), each.get("ContentType", "")) for each in types]
    for name, root in large.items():
        kinds = [kind.rpartition(".")[2] for part, kind in said if part == name]
        if (root, kinds, name.lower().rpartition("/")[0]) not in _MAY_BE_LARGE:
            raise _refused(_TOO_LARGE)
    if large and _has_charts(package):
        raise _refused(_TOO_LARGE)


def _has_charts(package: zipfile.ZipFile) -> bool:
    links = (name for name in package.namelist() if name.endswith(".rels"))
    return any(b"chartsheet" in package.read(name) for name in links)


@dataclasses.dataclass(slots=True)
class _Counts:
    """What has been seen in all parts, and in this one since a row or a text has ended."""

    rows: int = 0
    texts: int = 0
    elements: int = 0
    together: int = 0
    depth: int = 0
    length: int = 0
    root: str = ""

    def begins(self, name: str, attributes: dict[str, str]) -> None:
        self.length = 0
        self.root = self.root or name
        self.elements += 1
        self.together += 1
        self.depth += 1
        if (
            self.elements > MOST_ELEMENTS
            or self.together > MOST_TOGETHER
            or self.depth > DEEPEST
            or len(attributes) > MOST_ATTRIBUTES
        ):
            raise _refused(_TOO_LARGE)

    def ends(self, name: str) -> None:
        self.length = 0
        self.depth -= 1
        if name == _ROW:
            self.rows += 1
        elif name == _TEXT:
            self.texts += 1
        else:
            return
        # The library lets go of what stands in it.
        self.together = 0
        if self.texts > MOST_TEXTS:
            raise _refused(_TOO_LARGE)

    def text(self, text: str) -> None:
        self.length += len(text)
        if self.length > LONGEST_TEXT:
            raise _refused(_TOO_LARGE)

    def doctype(self, *told: object) -> None:
        """Refuse what can name entities: a few lines of them stand for gigabytes ("billion laughs")."""
        raise _refused(BROKEN)


def _count(package: zipfile.ZipFile, part: zipfile.ZipInfo, counted: _Counts) -> None:
    """Read a part as the library may, which asks no part for its kind. A picture is no XML from its first byte on."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = counted.begins, counted.ends
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = counted.text, counted.doctype
    counted.together = counted.depth = 0
    counted.root = ""
    with package.open(part) as opened:
        try:
            while chunk := opened.read(_CHUNK):
                parser.Parse(chunk)
        except expat.ExpatError:
            return


def is_package(*, beginning: bytes) -> bool:
    """Return whether a file that begins so may be a workbook."""
    return beginning.startswith(b"PK\x03\x04")


def is_old_workbook(*, beginning: bytes) -> bool:
    """Return whether a file begins as XLS does, and as a workbook with a password ([MS-CFB], 2.2)."""
    return beginning.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")


def old_workbook() -> Faulty:
    """Return what is said of a workbook of before 2007, or with a password."""
    return _refused(
        gettext_lazy(
            "This is an old Excel workbook (.xls), or one with a password. Save it as “Excel workbook (.xlsx)” without "
            "a password."
        )
    )
