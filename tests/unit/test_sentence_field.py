"""What an agent types as a note or a reason, as it is kept."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from helpdesk.desk_forms import NoteForm
from helpdesk.proposal_forms import ReasonField
from helpdesk.sentence_field import SentenceField


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Jo Smith, new phone", "Jo Smith, new phone"),
        ("  Siân\u00a0Ó Brien \t calls ", "Siân Ó Brien calls"),
        ("first line\r\nsecond", "first line second"),
        ("Jo\u200b Smith\ufeff", "Jo Smith"),
        ("paid \u202egnp.exe", "paid gnp.exe"),
        ("mr\u2066 x\u2069", "mr x"),
        ("😀 安 ÿ", "😀 安 ÿ"),
    ],
)
def test_every_letter_of_a_sentence_can_be_seen(typed: str, kept: str) -> None:
    assert SentenceField().clean(typed) == kept


@pytest.mark.parametrize("typed", ["", " ", "\u200b", "\u202e\u202c", "\u00a0\u3000"])
def test_a_sentence_of_nothing_that_can_be_seen_is_none(typed: str) -> None:
    with pytest.raises(ValidationError, match="Enter a reason"):
        ReasonField().clean(typed)
    form = NoteForm({"note": typed})
    assert form.errors["note"] == ["Say who called, and why"]


def test_what_no_database_keeps_is_refused_still() -> None:
    with pytest.raises(ValidationError, match="cannot be kept"):
        SentenceField().clean("a\0b")
