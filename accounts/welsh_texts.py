"""Which text is shown of those that an organisation has in English, and in Welsh where it likes.

The Welsh text of `name` is `welsh_name`, "" where there is none. What is stored or logged keeps to the English one. See
docs/decisions/0070-texts-of-organisations-in-welsh.md.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from django.utils import translation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import Model


def in_welsh() -> bool:
    """Return whether the page or mail that is being made is in Welsh."""
    return (translation.get_language() or "").partition("-")[0] == "cy"


def shown(row: Model, field: str) -> str:
    """Return the text of a field in the language of the page or mail: the English one where there is no Welsh one."""
    welsh: str = getattr(row, f"welsh_{field}") if in_welsh() else ""
    english: str = getattr(row, field)
    return welsh or english


def is_shown_in_english(row: Model, field: str) -> bool:
    """Return whether a field is shown in English on a page in Welsh, which has to say so (WCAG 2.2, 3.1.2)."""
    return in_welsh() and not getattr(row, f"welsh_{field}") and bool(getattr(row, field))


@contextlib.contextmanager
def english_for_the_record() -> Iterator[None]:
    """Have what is made inside in English, where it is stored for readers of both languages."""
    with translation.override("en-gb"):
        yield
