"""Shells: pages whose words are the same for everyone, rendered once a process.

`render` is Django's, told besides which facts of its context are *words*, personal or new each time, and by which
facts the page *varies*. A shell is rendered from its key alone: the facts that the page varies by, a placeholder for
each word, and a request without a person; so no person's word can be in it. It is cut at the placeholders, and a page
is served by joining the pieces with the words, each escaped as its placeholder was. What Django renders itself is the
source: it is served wherever a shell might differ, and tests compare the two byte for byte.
See docs/decisions/0045-pages-rendered-once.md.
"""

from __future__ import annotations

import dataclasses
import functools
import html
import logging
import re
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import quote

from django import shortcuts
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.template.loader import get_template
from django.utils.safestring import SafeData
from django.utils.translation import get_language
from markupsafe import escape as escape_as_jinja

from nhsuk import gzip_pieces, new_form, shell_context, shell_forms
from nhsuk.shell_context import MARK, Fact, NotAShell, Path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

Names: TypeAlias = tuple[str, ...]
logger = logging.getLogger("esr_portal.shells")

# Those asked for last are kept, some 10 kB each. Nothing that is typed is in a key, so that a visitor cannot make up
# any; most are of organisations with applications of their own.
MOST_KEPT = 500

# How the end of a placeholder comes out tells how the template escapes the word.
_ESCAPES: dict[str, Callable[[str], str]] = {
    "&quot;/": html.escape,
    "&#34;/": lambda word: str(escape_as_jinja(word)),
    "&amp;quot;/": lambda word: html.escape(html.escape(word)),
    "%22%2F": lambda word: quote(word, safe=""),
}
_CUT = re.compile(rf"{MARK}(?:(name|token)|([0-9]+)({'|'.join(map(re.escape, _ESCAPES))}))")


@dataclasses.dataclass(frozen=True, slots=True)
class Shell:
    """A page in pieces, of which those are empty that are filled in.

    `words` are place, number of the word, and how it is escaped. At `names` and `tokens` stand what makes a form a new
    one to the browser, and its CSRF token.
    """

    pieces: tuple[bytes, ...]
    words: tuple[tuple[int, int, Callable[[str], str]], ...]
    names: tuple[int, ...]
    tokens: tuple[int, ...]

    def filled(self, request: HttpRequest, words: Sequence[str]) -> list[bytes]:
        """Return the pieces of the page with these words, and with what the forms of this browser begin with."""
        pieces = list(self.pieces)
        for place, number, escaped in self.words:
            pieces[place] = escaped(words[number]).encode()
        for place, name in zip(self.names, new_form.names(len(self.names)), strict=True):
            pieces[place] = name.encode()
        token = new_form.token(request).encode() if self.tokens else b""
        for place in self.tokens:
            pieces[place] = token
        return pieces


class Page(HttpResponse):
    """A page from a shell."""

    def __init__(self, shell: Shell, pieces: Sequence[bytes]) -> None:
        super().__init__(b"".join(pieces))
        self._shell, self._pieces = shell, pieces

    def compressed(self) -> bytes:
        """Return what it says, in gzip."""
        return gzip_pieces.compressed(self._pieces, fixed=self._shell.pieces)


def render(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any],
    *,
    words: Names = (),
    varies_by: Names = (),
    status: int = 200,
) -> HttpResponse:
    """Return the page as `django.shortcuts.render` does, from a shell where it can be.

    `words` and `varies_by` name facts of `context` as a template does. Where the template asks for one that is in
    neither, the page is rendered as ever, and the log says so. Of what context processors tell, a shell has what they
    declare, and know without a person. A word is a text or a number that the template shows, and asks nothing of
    but whether it is there. What a page varies by has few values, or is text of those who run the portal, never a
    visitor's, and can be hashed. A form stands in `varies_by`: what is typed in it are words.

    A page with a message, an error in a field, or a word of several lines is rendered as ever.
    """
    page = _from_shell(request, template, context, words, varies_by)
    if page is None:
        return shortcuts.render(request, template, dict(context), status=status)
    page.status_code = status
    return page


def forget() -> None:
    """Forget every shell: a setting or a template is another one now."""
    _shell.cache_clear()


def _from_shell(
    request: HttpRequest, template: str, context: Mapping[str, Any], words: Names, varies_by: Names
) -> Page | None:
    """Return the page, or None where it has to be rendered as ever."""
    told = shell_context.of_processors(request)
    if told.get("messages"):
        return None
    facts = {**told, **context}
    key, filling = _words(facts, (*words, *_declared(told, "words_in_shells")))
    for name in (*varies_by, *_declared(told, "shells_vary_by")):
        path, value = _find(facts, name)
        if isinstance(value, BaseForm):
            value, typed = shell_forms.read(value)
            if value is None:
                return None
            filling += typed
        key.append((path, value))
    if not all(map(_fits, filling)):
        return None
    unnamed = frozenset(context.keys() - {path[0] for path, *_ in key})
    shell = _shell(template, get_language(), tuple(key), unnamed)
    return Page(shell, shell.filled(request, [str(word) for word in filling])) if shell else None


def _words(facts: dict[str, Any], names: Names) -> tuple[list[Fact], list[Any]]:
    """Return what a key says of words, and those that are there. Whether a word is there is what a page varies by."""
    key: list[Fact] = []
    words = []
    for name in names:
        path, value = _find(facts, name)
        key.append((path,) if value else (path, value))
        if value:
            words.append(value)
    return key, words


def _declared(told: Mapping[str, Any], what: str) -> Iterator[str]:
    """Yield the names of facts that what a context processor tells has a method for, with this name, to say."""
    for name, thing in told.items():
        for fact in getattr(type(thing), what, _nothing)(thing):
            yield f"{name}.{fact}"


def _nothing(thing: object) -> Names:
    return ()


def _find(facts: dict[str, Any], name: str) -> tuple[Path, Any]:
    """Return a value as a template finds it, and its path, which ends sooner where there is nothing to go on from."""
    parts = _parts(name)
    value: Any = facts
    for number, part in enumerate(parts, start=1):
        value = value.get(part) if isinstance(value, dict) else getattr(value, part)
        if callable(value):
            value = value()
        if not value:
            return parts[:number], value
    return parts, value


@functools.cache
def _parts(name: str) -> Path:
    return tuple(name.split("."))


def _fits(value: Any) -> bool:
    """Return whether a word comes out of a component as it goes in: those indent lines, and trim blanks.

    What is marked as safe would not be escaped.
    """
    word = str(value)
    return not isinstance(value, SafeData) and word == word.strip() and len(word.splitlines()) == 1


@functools.lru_cache(maxsize=MOST_KEPT)
def _shell(template: str, language: str | None, key: tuple[Fact, ...], unnamed: frozenset[str]) -> Shell | None:
    """Return the shell with this key, or None where the page cannot be one, of which the log tells.

    `unnamed` are the names of facts that its context has and the view does not name.
    """
    context = shell_context.Context(key, unnamed)
    try:
        page = get_template(template).render(context.facts)
        if context.asked_in_vain:
            raise NotAShell(*context.asked_in_vain)
        return _cut(page)
    except NotAShell:
        logger.exception("%s is rendered anew each time", template)
        return None


def _cut(page: str) -> Shell:
    """Return a page with placeholders as a shell. Raises NotAShell where one came out as nothing to be filled in."""
    pieces: list[bytes] = []
    words: list[tuple[int, int, Callable[[str], str]]] = []
    places: dict[str, list[int]] = {"name": [], "token": []}
    begins = 0
    for found in _CUT.finditer(page):
        pieces.append(page[begins : found.start()].encode())
        of_a_form, number, escape = found.groups()
        if of_a_form:
            places[of_a_form].append(len(pieces))
        else:
            words.append((len(pieces), int(number), _ESCAPES[escape]))
        pieces.append(b"")
        begins = found.end()
    pieces.append(page[begins:].encode())
    if MARK.encode() in b"".join(pieces).lower():
        raise NotAShell
    return Shell(tuple(pieces), tuple(words), tuple(places["name"]), tuple(places["token"]))
