"""Tables that people download, as CSV or as a workbook, written while they are sent: none is in memory as a whole."""

from __future__ import annotations

import csv
import re
import zipfile
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from django.http import StreamingHttpResponse
from django.utils import timezone

from people.spreadsheet_cells import without_formula

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

# A spreadsheet reads UTF-8 where the file begins so.
_BYTE_ORDER_MARK = "\ufeff"
# A sheet has no more (Excel, "Specifications and limits").
MOST_ROWS = 1_048_576
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Bytes that are sent together.
_TOGETHER = 65_536
# What XML 1.0 has no place for (2.2).
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_NAMESPACE = "http://schemas.openxmlformats.org"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_OFFICE = f"{_NAMESPACE}/officeDocument/2006/relationships"
_SHEETS = f"{_NAMESPACE}/spreadsheetml/2006/main"
_PACKAGE = f"{_NAMESPACE}/package/2006"
_MADE_OF = "application/vnd.openxmlformats-officedocument.spreadsheetml"
# The least that a workbook is made of (ECMA-376, part 1, 12.2).
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_MADE_OF}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_MADE_OF}.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_SHEETS}" xmlns:r="{_OFFICE}">'
    '<sheets><sheet name="People" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}


def as_csv(name: str, rows: Iterable[Sequence[Any]]) -> StreamingHttpResponse:
    """Return a table as CSV, no cell of which is a formula."""
    return _sent(_csv_lines(rows), name=name, kind="csv", content_type="text/csv; charset=utf-8")


def as_workbook(name: str, rows: Iterable[Sequence[Any]]) -> StreamingHttpResponse:
    """Return a table as a workbook (XLSX) of text: numbers keep their zeros, and no cell is a formula.

    Not either where its sheet is saved as CSV.
    """
    return _sent(_packed(rows), name=name, kind="xlsx", content_type=WORKBOOK)


def _sent(content: Iterable[str | bytes], *, name: str, kind: str, content_type: str) -> StreamingHttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}-{timezone.localdate().isoformat()}.{kind}"'}
    return StreamingHttpResponse(content, content_type=content_type, headers=headers)


class _Echo:
    """What csv writes to: it hands each line back."""

    def write(self, line: str) -> str:
        return line


def _csv_lines(rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    # Each cell in quotes, so that none is cut in two where the separator is another.
    writer = csv.writer(_Echo(), quoting=csv.QUOTE_ALL)
    yield _BYTE_ORDER_MARK
    for row in rows:
        yield writer.writerow([without_formula(cell) for cell in row])


class _Pipe:
    """What zipfile writes to, which it cannot go back in: what was written is taken from it."""

    def __init__(self) -> None:
        self._written = bytearray()

    def write(self, data: bytes) -> int:
        self._written += data
        return len(data)

    def flush(self) -> None:
        """Do nothing: what was written is there."""

    def close(self) -> None:
        """Do nothing either: what was written is still to be taken."""

    def __len__(self) -> int:
        return len(self._written)

    def take(self) -> bytes:
        taken, self._written = bytes(self._written), bytearray()
        return taken


def _packed(rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as package:
        for name, part in _PARTS.items():
            package.writestr(name, _XML + part)
        with package.open("xl/worksheets/sheet1.xml", "w") as sheet:
            sheet.write(f'{_XML}<worksheet xmlns="{_SHEETS}"><sheetData>'.encode())
            for row in rows:
                sheet.write(f"<row>{''.join(map(_cell, row))}</row>".encode())
                if len(pipe) >= _TOGETHER:
                    yield pipe.take()
            sheet.write(b"</sheetData></worksheet>")
    yield pipe.take()


def _cell(cell: object) -> str:
    if cell == "":
        return "<c/>"
    text = escape(_NOT_IN_XML.sub("", without_formula(cell)))
    return f'<c t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
