"""What the server remembers of a ceremony of a passkey between its two requests: five minutes, for one answer.

A person in the middle of a log-in, or logged in, has a session: a slot of it holds the challenge and what it is about,
so that an answer counts for that log-in or that person alone. The slot is emptied before the answer is looked at.

A visitor at the log-in page has no session, and beginning to log in stores nothing: the challenge itself says when it
was made, and carries a keyed digest of that and of what this browser alone holds. Answers that were right are noted
(services/spent_challenges.py).
"""

from __future__ import annotations

import dataclasses
import hmac
import secrets
import struct
import time
from typing import TYPE_CHECKING

from accounts.browser import about as abouts
from accounts.browser import cookies
from accounts.browser.slots import Slot
from accounts.identifiers import keyed_digest
from accounts.services.spent_challenges import LASTS

if TYPE_CHECKING:
    from django.http import HttpRequest

_RANDOM = 32
_TIME = struct.Struct(">Q")

MAKING = Slot("passkey_making", lasts=LASTS, begun=False)
USING = Slot("passkey_using", lasts=LASTS, begun=False)


@dataclasses.dataclass(frozen=True, slots=True)
class Ceremony:
    """A challenge, as the browser was told it; `quiet` is whether a passkey was to be made without a press."""

    challenge: str
    quiet: bool = False


def keep(request: HttpRequest, slot: Slot, ceremony: Ceremony, *, about: str) -> None:
    """Remember a ceremony that was begun for the log-in or the person that `about` names."""
    slot.keep(request.session, {**dataclasses.asdict(ceremony), "about": about})


def take(request: HttpRequest, slot: Slot, *, about: str) -> Ceremony | None:
    """Return the ceremony that was begun for the same `about`, or None, and forget it."""
    kept = slot.take(request.session)
    if not isinstance(kept, dict) or not abouts.is_same(str(kept.pop("about", "")), about):
        return None
    return Ceremony(**kept)


def log_in_challenge(request: HttpRequest) -> bytes:
    """Return a new challenge for the log-in page in this browser."""
    begun = secrets.token_bytes(_RANDOM) + _TIME.pack(int(time.time()))
    return begun + _seal(request, begun)


def is_for_log_in_here(request: HttpRequest, challenge: bytes) -> bool:
    """Return whether `log_in_challenge` made this in the same browser, no longer than LASTS ago."""
    begun, seal = challenge[: _RANDOM + _TIME.size], challenge[_RANDOM + _TIME.size :]
    if len(begun) < _RANDOM + _TIME.size or not hmac.compare_digest(seal, _seal(request, begun)):
        return False
    (made_at,) = _TIME.unpack(begun[_RANDOM:])
    # Another machine's clock may be ahead.
    return bool(abs(time.time() - made_at) <= LASTS.total_seconds())


def _seal(request: HttpRequest, begun: bytes) -> bytes:
    value = f"{begun.hex()} {cookies.secret_of_browser(request)}"
    return bytes.fromhex(keyed_digest(purpose="passkey.log_in", value=value))
