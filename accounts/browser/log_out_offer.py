"""The offer to log out of Care Identity too, after a session here that began with it.

Kept in the visitor's session for a few minutes, and used once: what Care Identity signed names the person there, so it
stands neither in an address of ours nor in a cookie, and whoever opens the log-in page next makes it go.
"""

from __future__ import annotations

import dataclasses
import datetime
from typing import TYPE_CHECKING

from django.utils import timezone

from accounts import proof

if TYPE_CHECKING:
    from django.http import HttpRequest

# Where a session keeps what Care Identity signed, where it has a way to log out.
ID_TOKEN = "care_identity_id_token"  # noqa: S105 - a name.
LASTS = datetime.timedelta(minutes=5)
_OFFER = "care_identity_offer"


@dataclasses.dataclass(frozen=True, slots=True)
class Offer:
    """Somebody may still be logged in there. `id_token` is "" where Care Identity has no way to log out.

    `until` is in seconds since 1970.
    """

    id_token: str
    until: float


def to_make(request: HttpRequest) -> Offer | None:
    """Return the offer to make when this session ends, or None where it did not begin with Care Identity.

    One that was made already is made again, for no longer: people press Log out twice.
    """
    if proof.of_session(session=request.session) is None:
        return find(request)
    return Offer(request.session.get(ID_TOKEN, ""), until=(timezone.now() + LASTS).timestamp())


def make(request: HttpRequest, offer: Offer | None) -> None:
    """Make the offer, if there is one, to whoever has just logged out."""
    if offer is not None:
        request.session[_OFFER] = dataclasses.asdict(offer)


def find(request: HttpRequest) -> Offer | None:
    """Return the offer that was made in this browser, or None where there is none any more."""
    kept = request.session.get(_OFFER)
    offer = Offer(**kept) if kept else None
    return offer if offer is not None and timezone.now().timestamp() <= offer.until else None


def forget(request: HttpRequest) -> None:
    """Take the offer back: it was used, or somebody else is there."""
    request.session.pop(_OFFER, None)
