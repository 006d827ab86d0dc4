"""A made-up language, in which each message that can be translated stands in «…»: what stands outside cannot be.

It is what CLDR calls a pseudo-locale. Its catalogue is compiled as any other, from what is marked in the code.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple

import polib
from django.utils.dates import MONTHS
from django.utils.translation import templatize, to_locale

from tests.support.words_in_python import TRANSLATING

LANGUAGE = "en-xa"
ROOT = Path(__file__).resolve().parent.parent.parent
PYTHON = ("accounts", "people", "care_identity", "hub", "nhsuk", "common_passwords", "esr_portal", "helpdesk", "demo")
TEMPLATES = ("templates", "demo", "helpdesk")
# What Django makes of a template for xgettext: a call with strings in it.
_CALL = re.compile(r"""\b((?:np|n|p)?gettext|_)\(((?:\s*u?(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\s*,?)+)""")
_STRING = re.compile(r""""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'""")
_READ_ATTRIBUTES = ("alt", "aria-label", "placeholder", "title")
_SHOWN_BUTTONS = ("button", "reset", "submit")


class Message(NamedTuple):
    """A message of a catalogue; `context` and `plural` are "" where it has none."""

    context: str
    words: str
    plural: str


def compile_into(folder: Path) -> None:
    """Write the catalogue of the made-up language into `folder`, to be one of LOCALE_PATHS."""
    catalogue = polib.POFile()
    catalogue.metadata = {
        "Content-Type": "text/plain; charset=UTF-8",
        "Plural-Forms": "nplurals=2; plural=(n != 1);",
    }
    for context, words, plural in sorted(_messages()):
        entry = polib.POEntry(msgid=words, msgctxt=context or None)
        if plural:
            entry.msgid_plural, entry.msgstr_plural = plural, {0: f"«{words}»", 1: f"«{plural}»"}
        else:
            entry.msgstr = f"«{words}»"
        catalogue.append(entry)
    place = folder / to_locale(LANGUAGE) / "LC_MESSAGES"
    place.mkdir(parents=True)
    catalogue.save_as_mofile(str(place / "django.mo"))


def _messages() -> set[Message]:
    found = {Message("", str(month), "") for month in MONTHS.values()}
    for folder in PYTHON:
        for path in (ROOT / folder).rglob("*.py"):
            found |= set(_in_python(path.read_text(encoding="utf-8")))
    for path in _templates():
        found |= set(_in_template(path.read_text(encoding="utf-8")))
    # One message may come alone and with a plural; the plural has both.
    with_plural = {(each.context, each.words) for each in found if each.plural}
    return {each for each in found if each.plural or (each.context, each.words) not in with_plural}


def _templates() -> Iterator[Path]:
    every = (path for folder in TEMPLATES for path in (ROOT / folder).rglob("*.*"))
    return (path for path in every if path.suffix in {".html", ".txt"} and "templates" in path.parts)


def _in_python(source: str) -> Iterator[Message]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            values = [each.value for each in node.args if isinstance(each, ast.Constant)]
            strings = [value for value in values if isinstance(value, str)]
            if name in TRANSLATING and strings:
                yield _message(name, strings)


def _in_template(source: str) -> Iterator[Message]:
    for name, strings in _CALL.findall(templatize(source)):
        yield _message(name, [ast.literal_eval(each) for each in _STRING.findall(strings)])


def _message(function: str, strings: list[str]) -> Message:
    """Return what a translation function is given: np… has a context, n… a plural."""
    context = strings.pop(0) if function.startswith(("p", "np")) else ""
    return Message(context, strings[0], strings[1] if function.startswith("n") and len(strings) > 1 else "")


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
