"""Times and names in the claims of a token, read by one rule for ID tokens and logout tokens."""

from __future__ import annotations

import datetime
import time
from typing import TYPE_CHECKING, Any, TypeGuard

from accounts.proof import CLOCKS_APART

if TYPE_CHECKING:
    from collections.abc import Mapping

# Seconds for which a token is taken after it was made, and a log-in at Care Identity after it happened. The standards
# leave the number to the client (OpenID Connect Core 1.0, 3.1.3.7; Back-Channel Logout 1.0, 2.6).
OLDEST = 300
# The digits of the number that Care Identity knows a person by (`sub`); accounts.models.care_identity has its form.
UID_DIGITS = 12
# Characters of the other names that Care Identity gives: a session (`sid`), a token (`jti`), a key (`kid`). OpenID
# Connect Core 1.0 (2) bounds `sub` by it and says nothing of these; the columns that keep a `sid` hold as many.
LONGEST_NAME = 255
# The last second that a datetime can hold.
_LAST_SECOND = datetime.datetime.max.replace(tzinfo=datetime.UTC).timestamp()


def seconds(claims: Mapping[str, Any], *, claim: str) -> int | float | None:
    """Return a claim that is a time, in seconds since 1970, or None where it is none.

    A time is a number, with or without a fraction (OpenID Connect Core 1.0, 2; NumericDate of RFC 7519, 2).
    """
    found = claims.get(claim)
    # True is 1 to Python; JSON's numbers may be longer than any time.
    if isinstance(found, bool) or not isinstance(found, int | float) or not 0 < found < _LAST_SECOND:
        return None
    return found


def is_to_come(moment: float) -> bool:
    """Return whether a moment, in seconds since 1970, has not come by either clock."""
    return moment > time.time() + CLOCKS_APART


def is_too_old(moment: float) -> bool:
    """Return whether a moment, in seconds since 1970, is longer ago than OLDEST."""
    return moment < time.time() - OLDEST


def is_over(end: float) -> bool:
    """Return whether what ends at `end`, in seconds since 1970, is over by both clocks."""
    return end + CLOCKS_APART <= time.time()


def is_name(value: object, *, longest: int) -> TypeGuard[str]:
    """Return whether this is a text of 1 to `longest` characters that can be stored.

    PostgreSQL takes no NUL, and JSON can hold half a letter.
    """
    return isinstance(value, str) and value.isprintable() and 0 < len(value) <= longest
