"""What the English words of a test are in Welsh: one story is told of people who read either.

A test names a button, a label or a heading whole, and of a sentence on a page often a part. The catalogue knows the
whole messages alone, with places where facts are filled in: so the message is found that the words are a part of, and
its Welsh has to be there, whatever fills its places.
"""

from __future__ import annotations

import functools
import html
import re
from typing import TYPE_CHECKING, NamedTuple

from tests.support import welsh

if TYPE_CHECKING:
    from collections.abc import Iterator

_PLACE = re.compile(r"%\((\w+)\)[sd]|%s|\{(\w*)\}")
_TAG = re.compile(r"<[^>]+>")
_LINK = re.compile(r"<a [^>]*>(.*?)</a>", re.DOTALL)
# Of words that go over a place, at least so many letters are the message's own.
_LEAST_OF_ITS_OWN = 8


class Pair(NamedTuple):
    """A message as it is read, in pieces between its places, with the places' names; and each form of its Welsh."""

    pieces: tuple[str, ...]
    names: tuple[str, ...]
    in_welsh: tuple[str, ...]


@functools.cache
def whole(english: str) -> list[str]:
    """Return what a whole message, or a link in one, is in Welsh: itself for a name.

    It is more than one where it is said in several ways; first come those that are written as here, small or capital.
    """
    found = []
    for pair in sorted(_pairs(), key=lambda each: each.pieces[0] != english):
        facts = _facts(english, pair.pieces, pair.names)
        if facts is not None:
            found += [_filled_in(each, facts) for each in pair.in_welsh]
    return list(dict.fromkeys(found)) or [english]


def is_said(english: str) -> bool:
    """Return whether words are a part of a message."""
    return any(_is_part(english, pair.pieces) for pair in _pairs())


@functools.cache
def part(english: str) -> list[re.Pattern[str]]:
    """Return what a page in Welsh has where an English one has these words: the message that they are a part of."""
    found = [
        re.compile(_pattern(_pieces(each)), re.DOTALL)
        for pair in _pairs()
        if _is_part(english, pair.pieces)
        for each in pair.in_welsh
    ]
    return found or [re.compile(re.escape(english))]


@functools.cache
def english_of(said: str) -> list[str]:
    """Return the English messages whose Welsh this is, filled in as it is; itself where it is none."""
    found = [pair.pieces[0] for pair in _pairs() if said in pair.in_welsh]
    for pair in () if found else _pairs():
        for each in pair.in_welsh:
            facts = _facts(said, _pieces(each), _names(each))
            if facts is not None:
                filled = [facts.get(name, "") for name in pair.names]
                found.append("".join(map("".join, zip(pair.pieces, [*filled, ""], strict=True))))
    return list(dict.fromkeys(found)) or [said]


@functools.cache
def _pairs() -> tuple[Pair, ...]:
    return tuple(_read())


def _read() -> Iterator[Pair]:
    for domain in welsh.DOMAINS:
        for entry in welsh.catalogue(domain):
            forms = [entry.msgstr, *entry.msgstr_plural.values()]
            in_welsh = tuple(dict.fromkeys(_as_read(each) for each in forms if each))
            for english in filter(None, dict.fromkeys((entry.msgid, entry.msgid_plural))):
                read = _as_read(english)
                yield Pair(_pieces(read), _names(read), in_welsh)
                for number, link in enumerate(_LINK.findall(english)):
                    theirs = tuple(_as_read(_LINK.findall(each)[number]) for each in forms if each)
                    yield Pair((_as_read(link),), (), theirs)


def _as_read(message: str) -> str:
    """Return a message without its tags, as it stands on a page."""
    return " ".join(html.unescape(_TAG.sub("", message)).replace("%%", "%").split())


def _pieces(message: str) -> tuple[str, ...]:
    return tuple(_PLACE.split(message)[:: _PLACE.groups + 1])


def _names(message: str) -> tuple[str, ...]:
    return tuple(place[1] or place[2] or "" for place in _PLACE.finditer(message))


def _pattern(pieces: tuple[str, ...]) -> str:
    return "(.+?)".join(re.escape(piece).replace(r"\ ", r"\s+") for piece in pieces)


def _facts(said: str, pieces: tuple[str, ...], names: tuple[str, ...]) -> dict[str, str] | None:
    """Return what the places of a message are filled with where this is that message; None where it is another."""
    if len(pieces) == 1:
        return {} if said.casefold() == pieces[0].casefold() else None
    is_one = any(len(piece) >= _LEAST_OF_ITS_OWN for piece in pieces) and said.startswith(pieces[0])
    match = re.fullmatch(_pattern(pieces), said, re.DOTALL) if is_one and said.endswith(pieces[-1]) else None
    return dict(zip(names, match.groups(), strict=True)) if match else None


def _filled_in(message: str, facts: dict[str, str]) -> str:
    return _PLACE.sub(lambda place: facts.get(place[1] or place[2] or "", ""), message)


def _is_part(words: str, pieces: tuple[str, ...]) -> bool:
    """Return whether words are a part of a message, or of one that is filled in."""
    if any(words in piece for piece in pieces):
        return True
    return any(_goes_over(words, pieces[first:]) for first in range(len(pieces) - 1))


def _goes_over(words: str, pieces: tuple[str, ...]) -> bool:
    """Return whether words begin with the end of the first of these pieces, and go on as the others do."""
    ends = (at.start() for at in re.finditer(re.escape(words[0]), pieces[0]))
    length = next((len(pieces[0]) - at for at in ends if words.startswith(pieces[0][at:])), 0)
    rest, own = words[length:], length
    for piece in pieces[1:] if length or not pieces[0] else ():
        at = rest.find(piece) if piece else -1
        if at < 0:
            own += next((n for n in range(len(piece), 0, -1) if rest.endswith(piece[:n])), 0)
            break
        rest, own = rest[at + len(piece) :], own + len(piece)
    return own >= max(_LEAST_OF_ITS_OWN, len(words) // 3)
