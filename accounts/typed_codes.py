"""Codes as people type them from a phone, from paper or from what was read to them."""

from __future__ import annotations

import unicodedata

# What stands between the groups of a code: dashes of every kind, and marks that cannot be seen.
_BETWEEN = {"Pd", "Cf"}


def plain(typed: str) -> str:
    """Return a typed code without blanks, hyphens and invisible marks, its full-width letters and digits as plain ones.

    Case stays.
    """
    folded = unicodedata.normalize("NFKC", typed)
    return "".join(c for c in folded if not c.isspace() and unicodedata.category(c) not in _BETWEEN)
