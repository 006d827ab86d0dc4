"""A sentence that an agent types, and that is kept: a note, a reason."""

from __future__ import annotations

from typing import Any

from django import forms


class SentenceField(forms.CharField):
    """One line of text in which every letter can be seen.

    What cannot is taken for a blank: pasted text has such letters by accident, and among them are those that turn the
    order of the letters after them around, so that an auditor would read another sentence.
    """

    def __init__(self, **facts: Any) -> None:
        super().__init__(widget=forms.TextInput(attrs={"autocomplete": "off"}), **facts)

    def to_python(self, value: Any) -> str:
        """Return the text in its one spelling. NUL stays: Django's own validator refuses it."""
        typed: str = super().to_python(value) or ""
        seen = (letter if letter.isprintable() or letter == "\0" else " " for letter in typed)
        return " ".join("".join(seen).split())
