"""Parts of a Welsh page that are in English say so: a screen reader says them with its English voice.

WCAG 2.2, 3.1.2. A label of the printed guide stands behind its Welsh, "Mewngofnodi i ESR (Login to ESR)", in headings,
buttons and in the middle of sentences, wherever those come from. So the finished page is looked through.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.template.backends import django
from django.utils.safestring import SafeString
from django.utils.translation import get_language

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.http import HttpRequest

_MARK = '<span lang="en">'
_NAME = re.compile(r"<(\w*)")
# What is in them is text alone, where a browser looks for no tags.
_TEXT_ALONE = frozenset({"title", "option", "textarea", "script", "style"})


class DjangoTemplates(django.DjangoTemplates):
    """Django's engine, whose finished pages say of which parts are in English.

    The option `english_parts` lists them.
    """

    def __init__(self, params: dict[str, Any]) -> None:
        options = dict(params["OPTIONS"])
        self.english_parts = _any_of(options.pop("english_parts"))
        super().__init__({**params, "OPTIONS": options})

    def get_template(self, template_name: str) -> Template:
        """Return a template by its name."""
        return Template(super().get_template(template_name).template, self)


class Template(django.Template):
    """A template whose English parts are marked where it is HTML, and in Welsh."""

    backend: DjangoTemplates

    def render(self, context: Mapping[str, Any] | None = None, request: HttpRequest | None = None) -> SafeString:
        """Return the page."""
        page = super().render(context, request)  # type: ignore[arg-type]
        if get_language() == "cy" and str(self.template.name).endswith(".html"):
            page = marked(page, self.backend.english_parts)
        # As safe as it was: the parts are ours.
        return SafeString(page)


def marked(page: str, parts: re.Pattern[str]) -> str:
    """Return a page, or a piece of one, with a mark around each of `parts` that is read there, and has none yet.

    Attributes cannot be marked, nor what is text alone: the title of the page, and the choices of a list.
    """
    return parts.sub(lambda part: f"{_MARK}{part[0]}</span>" if _can_be(page, part.start()) else part[0], page)


def _can_be(page: str, place: int) -> bool:
    opened = page.rfind("<", 0, place)
    closed = page.rfind(">", 0, place)
    if closed < opened:
        return False
    tag = page[max(opened, 0) : closed + 1]
    name = _NAME.match(tag)
    return tag != _MARK and not (name and name[1] in _TEXT_ALONE)


def _any_of(parts: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, parts)))
