"""A made-up language, in which each message that can be translated stands in «…»: what stands outside cannot be.

It is what CLDR calls a pseudo-locale. Its catalogue is compiled as any other, from what is marked in the code.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import polib
from django.utils.dates import MONTHS
from django.utils.translation import to_locale

from tests.environment import once_a_run
from tests.support import messages

LANGUAGE = "en-xa"
_READ_ATTRIBUTES = ("alt", "aria-label", "placeholder", "title")
_SHOWN_BUTTONS = ("button", "reset", "submit")


def catalogue(language: str = LANGUAGE) -> Path:
    """Return the folder of its catalogue, to be one of LOCALE_PATHS: compiled once for all of a run of pytest.

    As `language` where one is given, so that a language of the portal is made up.
    """
    return once_a_run(language, lambda folder: _compile_into(folder, language))


def _compile_into(folder: Path, language: str) -> None:
    compiled = polib.POFile()
    compiled.metadata = {
        "Content-Type": "text/plain; charset=UTF-8",
        "Plural-Forms": "nplurals=2; plural=(n != 1);",
    }
    months = {messages.Message("", str(month), "") for month in MONTHS.values()}
    for context, words, plural in sorted(months | messages.marked().keys()):
        entry = polib.POEntry(msgid=words, msgctxt=context or None)
        if plural:
            entry.msgid_plural, entry.msgstr_plural = plural, {0: f"«{words}»", 1: f"«{plural}»"}
        else:
            entry.msgstr = f"«{words}»"
        compiled.append(entry)
    place = folder / to_locale(language) / "LC_MESSAGES"
    place.mkdir(parents=True)
    compiled.save_as_mofile(str(place / "django.mo"))


def outside(html: str) -> list[str]:
    """Return what a person reads on a page, or in a piece of one, that stands outside of «…» and has letters."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return [rest.strip() for rest in reader.found if any(c.isalpha() for c in rest)]


class _Reader(HTMLParser):
    """Goes through a page as it is read. A message may begin in one element and end in another."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._depth = 0
        self._is_code = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._is_code = tag in {"script", "style"}
        given = dict(attrs)
        is_button = tag == "input" and given.get("type") in _SHOWN_BUTTONS
        read = [given.get(name) for name in (*_READ_ATTRIBUTES, *(["value"] if is_button else []))]
        self.found += [_outside(text, 0)[0] for text in read if text]

    def handle_endtag(self, tag: str) -> None:
        self._is_code = False

    def handle_data(self, data: str) -> None:
        if not self._is_code:
            rest, self._depth = _outside(data, self._depth)
            self.found.append(rest)


def _outside(text: str, depth: int) -> tuple[str, int]:
    """Return what of a text stands outside, and how many messages are begun and not ended where it ends."""
    rest = []
    for piece in re.split("([«»])", text):
        depth += (piece == "«") - (piece == "»")
        if not depth and piece != "»":
            rest.append(piece)
    return "".join(rest), depth
