"""Every way in × every state of the account, as tests/support/matrix.py has it."""

from __future__ import annotations

from tests.support import matrix


def test_the_document_has_the_table_of_today() -> None:
    document = matrix.DOCUMENT.read_text(encoding="utf-8")
    assert matrix.with_table(document) == document, "python -m tests.support.matrix"
    assert matrix.as_markdown() in document
