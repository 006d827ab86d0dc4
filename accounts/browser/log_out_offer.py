"""The offer to log out of Care Identity too, after a session here that began with it.

Kept in the visitor's session for a few minutes, and used once: what Care Identity signed names the person there, so it
stands neither in an address of ours nor in a cookie, and goes when the next person opens the log-in page.
"""

from __future__ import annotations

import dataclasses
import datetime
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from accounts import proof
from accounts.browser.slots import Slot

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpRequest

# Where the session of a person keeps what Care Identity signed, sealed, where it has a way to log out.
_ID_TOKEN = "care_identity_id_token"  # noqa: S105 - a name.
LASTS = datetime.timedelta(minutes=5)
_OFFER = Slot("log_out_offer", lasts=LASTS, begun=False)


@dataclasses.dataclass(frozen=True, slots=True)
class Offer:
    """The person may still be logged in there. `id_token` is "" where Care Identity has no way to log out.

    `until` is in seconds since 1970.
    """

    id_token: str
    until: float


def prepare(request: HttpRequest, *, id_token: str) -> None:
    """Keep in a session that has just begun what Care Identity signed, to name that session there at its end."""
    request.session[_ID_TOKEN] = id_token


def to_make(request: HttpRequest, *, others: Iterable[Any] = ()) -> Offer | None:
    """Return the offer to make when this session and `others` end, or None where none began with Care Identity.

    One that was made already is made again, for no longer: people press Log out twice.
    """
    offers = (_of(session) for session in (request.session, *others))
    return next((offer for offer in offers if offer), None) or find(request)


def _of(session: Any) -> Offer | None:
    if proof.of_session(session=session) is None:
        return None
    return Offer(session.get(_ID_TOKEN, ""), until=(timezone.now() + LASTS).timestamp())


def id_token(request: HttpRequest) -> str:
    """Return what Care Identity signed for the session of the person who is logged in, or ""."""
    return str(request.session.get(_ID_TOKEN, ""))


def make(request: HttpRequest, offer: Offer | None) -> None:
    """Make the offer, if there is one, to the person who has just logged out."""
    if offer is not None:
        _OFFER.keep(request.session, dataclasses.asdict(offer))


def find(request: HttpRequest) -> Offer | None:
    """Return the offer that was made in this browser, or None where there is none any more."""
    kept = _OFFER.find(request.session)
    offer = Offer(**kept) if kept else None
    return offer if offer is not None and timezone.now().timestamp() <= offer.until else None


def forget(request: HttpRequest) -> None:
    """Take the offer back: it was used."""
    _OFFER.forget(request.session)
