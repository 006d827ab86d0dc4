"""The messages that are marked in the code and the templates to be translated, and the files that each stands in."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from django.utils.translation import templatize

from tests.support.words_in_python import TRANSLATING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent.parent
PYTHON = ("accounts", "people", "care_identity", "hub", "nhsuk", "common_passwords", "esr_portal", "helpdesk", "demo")
TEMPLATES = ("templates", "demo", "helpdesk")
# What Django makes of a template for xgettext: a call with strings in it.
_CALL = re.compile(r"""\b((?:np|n|p)?gettext|_)\(((?:\s*u?(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\s*,?)+)""")
_STRING = re.compile(r""""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'""")


class Message(NamedTuple):
    """A message of a catalogue; `context` and `plural` are "" where it has none."""

    context: str
    words: str
    plural: str


def marked() -> dict[Message, list[str]]:
    """Return each message, with the files that it stands in, in order."""
    found: dict[Message, list[str]] = {}
    for path, message in _everywhere():
        files = found.setdefault(message, [])
        if path not in files:
            files.append(path)
    # One message may come alone and with a plural; the plural has both.
    with_plural = {(each.context, each.words) for each in found if each.plural}
    return {each: files for each, files in found.items() if each.plural or each[:2] not in with_plural}


def _everywhere() -> Iterator[tuple[str, Message]]:
    for folder in PYTHON:
        for path in sorted((ROOT / folder).rglob("*.py")):
            for message in _in_python(path.read_text(encoding="utf-8")):
                yield path.relative_to(ROOT).as_posix(), message
    for path in _templates():
        for message in _in_template(path.read_text(encoding="utf-8")):
            yield path.relative_to(ROOT).as_posix(), message


def _templates() -> Iterator[Path]:
    every = (path for folder in TEMPLATES for path in sorted((ROOT / folder).rglob("*.*")))
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
