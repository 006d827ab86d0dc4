"""The words of a template: those that no translation tag holds, and the sentences that the tags give to translators.

A template is read as Django reads it, token by token. What stands in `{% translate %}`, `{% blocktranslate %}` and
`_("…")` is a sentence for translators (a msgid); of the rest, what a person can read is a bare word: text between tags,
attributes that are read out or shown, and strings that a tag or a filter passes on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import NamedTuple

from django.template.base import Lexer, Token, TokenType
from django.utils.translation import trim_whitespace

# Attributes whose text is shown or read out, and those of buttons.
_READ = {"alt", "aria-description", "aria-label", "aria-roledescription", "placeholder", "title"}
_BUTTONS = {"submit", "button", "reset"}
# Elements whose text no person reads.
_UNREAD = {"script", "style"}
# Tags whose strings are names of pages, files and states; "translate" has its sentence there.
_NAMES_ONLY = {"block", "elif", "endblock", "extends", "for", "if", "load", "static", "url", "translate"}
# Parameters that are lists of classes.
_CLASSES = re.compile(r'\b\w*classes="[^"]*"')
_LETTER = re.compile(r"[^\W\d_]")
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
_FOR_TRANSLATORS = re.compile(r'\b_\("((?:[^"\\]|\\.)*)"\)')
_TRANSLATE = re.compile(r'translate "((?:[^"\\]|\\.)*)"')
# A grammar of English alone: {% plural %} is there for every language.
_PLURALIZE = re.compile(r"\|\s*pluralize\b")


class Found(NamedTuple):
    """Words and the line that they begin in."""

    line: int
    words: str


def bare(source: str, *, is_html: bool) -> list[Found]:
    """Return what a person can read of a template and no translation tag holds, in the order of its lines."""
    rest, found = "", []
    for token in _outside(source, []):
        # The lines of the rest are to be those of the template.
        rest += "\n" * (_line(token) - 1 - rest.count("\n"))
        if token.token_type == TokenType.TEXT:
            rest += token.contents
        else:
            found += [Found(_line(token), words) for words in _passed_on(token)]
    return sorted(found + (_of_html(rest) if is_html else _of_text(rest)))


def sentences(source: str) -> list[Found]:
    """Return the msgids of a template: a sentence's singular and its plural each."""
    blocks: list[Found] = []
    found = []
    for token in _outside(source, blocks):
        if token.token_type not in {TokenType.TEXT, TokenType.COMMENT}:
            words = _FOR_TRANSLATORS.findall(token.contents) + _TRANSLATE.findall(token.contents)
            found += [Found(_line(token), word) for word in words]
    return sorted(found + blocks)


def _outside(source: str, blocks: list[Found]) -> Iterator[Token]:
    """Give the tokens outside comments and {% blocktranslate %}; the msgids of those go to `blocks`."""
    tokens = iter(Lexer(source).tokenize())
    for token in tokens:
        tag = _tag(token)
        if tag == "comment":
            _until(tokens, "endcomment")
        elif tag == "blocktranslate":
            yield token
            blocks += _sentences_of_block(token, _until(tokens, "endblocktranslate"))
        elif token.token_type != TokenType.COMMENT:
            yield token


def _until(tokens: Iterator[Token], end: str) -> list[Token]:
    inner = []
    for token in tokens:
        if _tag(token) == end:
            break
        inner.append(token)
    return inner


def _line(token: Token) -> int:
    # The lexer gives each token its line.
    return token.lineno or 0


def _tag(token: Token) -> str:
    return token.contents.split()[0] if token.token_type == TokenType.BLOCK else ""


def _sentences_of_block(opening: Token, inner: list[Token]) -> list[Found]:
    """Return the msgids as Django makes them: `{{ name }}` becomes `%(name)s`."""
    texts = [""]
    for token in inner:
        if _tag(token) == "plural":
            texts.append("")
        else:
            texts[-1] += f"%({token.contents})s" if token.token_type == TokenType.VAR else token.contents
    if "trimmed" in opening.contents.split():
        texts = [trim_whitespace(text) for text in texts]
    return [Found(_line(opening), text) for text in texts]


def _passed_on(token: Token) -> list[str]:
    """Return the strings with words in them that a tag or a filter passes on to a page."""
    words = _PLURALIZE.findall(token.contents)
    if _tag(token) in _NAMES_ONLY:
        return words
    strings = _STRING.findall(_CLASSES.sub("", _FOR_TRANSLATORS.sub("", token.contents)))
    return words + [text for text in strings if _are_words(text)]


def _are_words(text: str) -> bool:
    """Return whether a string reads like words: a blank beside letters, or a capital first; "medium" is a name."""
    return bool(_LETTER.search(text)) and (" " in text or text[0].isupper())


def _of_text(rest: str) -> list[Found]:
    lines = enumerate(rest.split("\n"), start=1)
    return [Found(number, line.strip()) for number, line in lines if _LETTER.search(line)]


def _of_html(rest: str) -> list[Found]:
    reader = _Reader()
    reader.feed(rest)
    reader.close()
    return reader.found


class _Reader(HTMLParser):
    """Collects what a person can read of a page's markup."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Found] = []
        self._unread = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at the attributes."""
        self._unread = tag in _UNREAD
        is_button = dict(attrs).get("type") in _BUTTONS
        for name, value in attrs:
            is_read = name in _READ or (name == "value" and is_button)
            # What a script shows comes from such an attribute; others hold names and numbers.
            is_shown = name.startswith("data-") and _are_words(value or "")
            if value and _LETTER.search(value) and (is_read or is_shown):
                self.found.append(Found(self.getpos()[0], f"{name}: {value}"))

    def handle_endtag(self, tag: str) -> None:
        """Note the end of a script or a stylesheet."""
        self._unread = False

    def handle_data(self, data: str) -> None:
        """Look at text between tags."""
        if not self._unread:
            first = self.getpos()[0] - 1
            self.found += [Found(first + found.line, found.words) for found in _of_text(data)]
