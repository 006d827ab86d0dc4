"""Tokens in the addresses of mailed links, as mail programs and people hand them on."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import unquote

# What a line's end inside a mail is written as (RFC 2045, 6.7), a blank in a form, and hyphens that keep a line whole.
_WRITTEN = str.maketrans({"=": "", "+": "", "\u2010": "-", "\u2011": "-"})
# As much of an address as is looked at: a token of which each letter is encoded twice, and what stands around it.
_LONGEST_READ = 1000


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
