"""What a browser remembers of a link to an address that a person gave beside the one on record.

One link of each kind, the last that was opened; each page says which one it is about. The session holds no token, but a
digest of it. A person who is logged in stays so.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from accounts.browser import about
from accounts.browser.slots import Slot
from accounts.models.recovery_request import LINK_LASTS
from accounts.services import given_addresses

if TYPE_CHECKING:
    from django.http import HttpRequest

# How long a leaver may look at their page, without a log-in: time to write two addresses down.
PAGE_LASTS = datetime.timedelta(minutes=15)
# Why there is no link where this browser has not opened the one that a page is about, or another one since.
NOT_OPEN = "not_open"

TO_CONFIRM = Slot("address_to_confirm", lasts=LINK_LASTS)
OF_LEAVER = Slot("leaver_link", lasts=LINK_LASTS)
_CONFIRMED = Slot("address_confirmed", lasts=PAGE_LASTS, begun=False)
_STILL_OPEN = Slot("still_open", lasts=PAGE_LASTS)


def begin(request: HttpRequest, slot: Slot, *, token: str) -> str:
    """Remember the link that was opened; return what its page is about, or "" where it is none that works.

    Of made-up ones nothing is stored.
    """
    try:
        digest = given_addresses.digest_in(written=token)
    except given_addresses.LinkUnusable:
        return ""
    slot.keep(request.session, digest)
    return about.given_address(digest)


def opened(request: HttpRequest, slot: Slot) -> str:
    """Return the digest of the opened link that this page is about. Raises given_addresses.LinkUnusable."""
    digest: str | None = slot.find(request.session)
    if digest is None or not about.says(request, about.given_address(digest)):
        raise given_addresses.LinkUnusable(NOT_OPEN)
    return digest


def note_confirmed(request: HttpRequest, *, purpose: str) -> None:
    """Remember what an address is for that was confirmed here just now."""
    TO_CONFIRM.forget(request.session)
    _CONFIRMED.keep(request.session, purpose)


def confirmed(request: HttpRequest) -> str | None:
    """Return what an address is for that was confirmed in this browser just now, or None where none was."""
    purpose: str | None = _CONFIRMED.find(request.session)
    return purpose


def note_still_open(request: HttpRequest, *, address_id: int) -> None:
    """Remember, for PAGE_LASTS, whose page this browser may look at: it is no session of an account."""
    OF_LEAVER.forget(request.session)
    _STILL_OPEN.keep(request.session, address_id)


def still_open(request: HttpRequest) -> int | None:
    """Return the key of the address whose page this browser may look at, or None."""
    key: int | None = _STILL_OPEN.find(request.session)
    return key


def still_open_until(request: HttpRequest) -> datetime.datetime | None:
    """Return until when it may."""
    return _STILL_OPEN.ends_at(request.session)


def forget_still_open(request: HttpRequest) -> None:
    """Forget it, as the person at a shared computer asks."""
    _STILL_OPEN.forget(request.session)
