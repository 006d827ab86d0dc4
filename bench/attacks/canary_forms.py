"""Secrets with a mark, and every form in which one could be written down somewhere."""

from __future__ import annotations

import base64
import dataclasses
import functools
import hashlib
import html
import json
import re
import secrets
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterator

_DIGESTS = ("md5", "sha1", "sha256", "sha512")
# A code among other digits, or behind a point, is a time or a number.
_PART_OF_ANOTHER = re.compile(rb"^[0-9A-Za-z.] | [0-9A-Za-z]$")
SHORTEST_NUMBER = 8


@dataclasses.dataclass(frozen=True)
class Canary:
    """A secret, or what tells of a person, in the ways in which it can be spelt.

    `is_guessable` is what can be found from a digest without a key. `is_personal` is no secret: it may be where people
    are looked after, and not in what whoever runs the machines reads.
    """

    name: str
    spelt: tuple[str, ...]
    is_guessable: bool = False
    is_personal: bool = False

    @functools.cached_property
    def _in_any_case(self) -> list[bytes]:
        found = {form.encode().lower() for text in self.spelt for form in _written(text)}
        if self.is_guessable:
            found |= {hashlib.new(name, text.encode()).hexdigest().encode() for name in _DIGESTS for text in self.spelt}
        return sorted(found)

    @functools.cached_property
    def _as_it_is(self) -> list[bytes]:
        forms = {form for text in self.spelt for form in _in_base64(text.encode())}
        # What is shorter stands in every certificate.
        return sorted(form for form in forms if len(form) >= SHORTEST_NUMBER)

    def found_in(self, content: bytes, lowered: bytes) -> str:
        """Return what stands around the first place where it is, in any form, or ""; `lowered` is in small letters."""
        for whole, forms in ((lowered, self._in_any_case), (content, self._as_it_is)):
            for form in forms:
                at = _find(whole, form)
                if at >= 0:
                    return content[max(0, at - 60) : at + len(form) + 20].decode("utf-8", "replace")
        return ""

    def stands_in(self, content: bytes) -> bool:
        """Return whether it stands there letter by letter: for what is too long to be searched for every form."""
        # Six digits are somewhere in each file of such a size.
        return any(text.encode() in content for text in self.spelt if len(text) >= SHORTEST_NUMBER)


def _find(content: bytes, form: bytes) -> int:
    """Return where a form begins, or -1. A code has to stand alone."""
    if not form.isdigit() or len(form) >= SHORTEST_NUMBER:
        return content.find(form)
    at = -1
    while (at := content.find(form, at + 1)) >= 0:
        if not _PART_OF_ANOTHER.search(
            content[max(0, at - 1) : at] + b" " + content[at + len(form) : at + len(form) + 1]
        ):
            return at
    return -1


def _written(text: str) -> set[str]:
    """Return a text as it is in pages, addresses, JSON, and in hexadecimal; whether in capitals does not matter."""
    raw = text.encode()
    plain = {text, text[::-1], quote(text, safe=""), quote_plus(text), quote(quote(text, safe=""), safe="")}
    return plain | {html.escape(text), json.dumps(text)[1:-1], raw.hex(), r"\x" + raw.hex(r"x").replace("x", r"\x")}


def _in_base64(raw: bytes) -> Iterator[bytes]:
    """Yield the letters that do not depend on what stands around it, wherever it begins."""
    for before in range(3):
        first, last = -(-before * 8 // 6), (before + len(raw)) * 8 // 6
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            yield encode(bytes(before) + raw)[first:last]


def of_date(name: str, day: datetime.date) -> Canary:
    """Return a date in the ways in which people and programs write it."""
    d, m, y = day.day, day.month, day.year
    numbers = [f"{y}-{m:02}-{d:02}", f"{y}/{m:02}/{d:02}", f"{y}{m:02}{d:02}", f"{d:02}{m:02}{y}", f"{y}, {m}, {d}"]
    apart = [form for sign in "/-. " for form in (f"{d}{sign}{m}{sign}{y}", f"{d:02}{sign}{m:02}{sign}{y}")]
    words = [f"{d} {day:%B} {y}", f"{d} {day:%b} {y}", f"{day:%B} {d}, {y}"]
    form = f"date_of_birth_day={d}&date_of_birth_month={m}&date_of_birth_year={y}"
    return Canary(name, (*numbers, *apart, *words, form), is_guessable=True)


def made_up(beginning: str) -> str:
    """Return a password that is in no list and nowhere else."""
    return f"{beginning} {secrets.token_hex(6)} heron"
