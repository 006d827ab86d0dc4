"""Browsers that have logged in before: a signed mark for each username, which says neither whose nor what it is.

The mark buys its browser a counter of wrong passwords of its own (services/lockout). It is no proof of anything else.
Source: OWASP, "Slow Down Online Guessing Attacks with Device Cookies".
"""

from __future__ import annotations

import dataclasses
import datetime
import secrets
from typing import TYPE_CHECKING

from django.core import signing
from django.utils.crypto import constant_time_compare

from accounts.identifiers import keyed_digest, normalise_username

if TYPE_CHECKING:
    from collections.abc import Mapping

# Beyond the longest leave; a browser that is not used for this long is a stranger again.
REMEMBERED_FOR = datetime.timedelta(days=400)
# A ward PC sees hundreds of people, and each mark travels with each request: the oldest give way.
MOST_MARKS = 20

_PREFIX = "b"
_NAME_LENGTH = 16


@dataclasses.dataclass(frozen=True, slots=True)
class Mark:
    """A cookie to set: its name (without the cookie prefix of the site) and its value."""

    name: str
    value: str


def mark_name(username: str) -> str:
    """Return the name of the cookie that marks a browser for `username`; it does not tell the username."""
    return _PREFIX + keyed_digest(purpose="browser.name", value=normalise_username(username))[:_NAME_LENGTH]


def is_mark_name(name: str) -> bool:
    """Return whether a cookie of this name is one of these marks."""
    return len(name) == len(_PREFIX) + _NAME_LENGTH and name.startswith(_PREFIX)


def new_mark(*, username: str) -> Mark:
    """Return a fresh mark for a browser that has just logged in with `username`."""
    nonce = secrets.token_urlsafe(16)
    return Mark(name=mark_name(username), value=_signer(username).sign(nonce))


def known_browser(*, username: str, marks: Mapping[str, str]) -> str:
    """Return the digest that the browser's own counter is kept under, or "" where it does not know `username`.

    `marks` are the cookies it sent, by name without the site's prefix.
    """
    value = marks.get(mark_name(username), "")
    try:
        nonce = _signer(username).unsign(value, max_age=REMEMBERED_FOR)
    except signing.BadSignature:
        return ""
    return keyed_digest(purpose="browser.counter", value=nonce)


def superfluous_marks(*, marks: Mapping[str, str], keep: str) -> list[str]:
    """Return the names of the marks to delete so that MOST_MARKS are left with `keep`, the oldest first."""
    others = [name for name in marks if is_mark_name(name) and not constant_time_compare(name, keep)]
    others.sort(key=lambda name: _age_hint(marks[name]))
    return others[: max(0, len(others) - (MOST_MARKS - 1))]


def _signer(username: str) -> signing.TimestampSigner:
    # The username is part of the salt: a mark for one name says nothing for another.
    return signing.TimestampSigner(salt=f"esr-portal.browser.{normalise_username(username)}")


def _age_hint(value: str) -> int:
    """Return the time a mark says it was made at, without believing it: it only chooses which to drop."""
    parts = value.split(":")
    try:
        return signing.b62_decode(parts[1]) if len(parts) == 3 else 0
    except ValueError:
        return 0
