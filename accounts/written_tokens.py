"""Tokens in the addresses of mailed links: derived from what a link is about, and read as mail programs hand them on.

A derived token is nowhere in the database, which keeps its digest, and a mail that is sent again carries the same.
"""

from __future__ import annotations

import base64
import dataclasses
import datetime
import hashlib
import re
import unicodedata
from urllib.parse import unquote

from django.utils.crypto import salted_hmac

# Characters of a derived token: 256 bits in base 64.
LENGTH = 43

# What a line's end inside a mail is written as (RFC 2045, 6.7), a blank in a form, and hyphens that keep a line whole.
_WRITTEN = str.maketrans({"=": "", "+": "", "\u2010": "-", "\u2011": "-"})
# As much of an address as is looked at: a token of which each letter is encoded twice, and what stands around it.
_LONGEST_READ = 1000


class LinkUnusable(Exception):
    """The link does not work, or not any more. What it leads to says when that is, in a class of its own.

    `reason` is a short code for us; people are told the same in every case.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclasses.dataclass(frozen=True, slots=True)
class MintedLink:
    """A link that works: the address to put into a mail, and when it ends."""

    address: str
    ends_at: datetime.datetime


def derive(*, purpose: str, about: str) -> str:
    """Return the token of what a link is about, of LENGTH characters. Making it takes the portal's secret key."""
    mac = salted_hmac(f"esr-portal.{purpose}.link", about, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(mac).rstrip(b"=").decode("ascii")


def digest(token: str) -> str:
    """Return what the database keeps of a token."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def read(written: str, *, length: int) -> str | None:
    """Return the token of `length` characters in what stands in an address where it should be, or None.

    A token has the URL-safe alphabet of base 64 (RFC 4648, 5). What mail programs and people put before, behind or, at
    a line's end, into it is passed over: full stops, brackets, quotation marks, blanks, marks without a width, a second
    encoding.
    """
    decoded = unquote(written[:_LONGEST_READ], errors="replace")
    # Blanks, ends of lines, and marks that cannot be seen: categories Z and C of Unicode.
    visible = "".join(c for c in decoded if unicodedata.category(c)[0] not in "ZC")
    found = re.match(rf"[^A-Za-z0-9_-]*([A-Za-z0-9_-]{{{length}}})", visible.translate(_WRITTEN))
    return found[1] if found else None
