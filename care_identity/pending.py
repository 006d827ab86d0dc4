"""What a browser remembers of a log-in with Care Identity under way. Kept in the visitor's session.

Several windows may each have one: an answer is taken once, and only by the browser that asked for it.
"""

from __future__ import annotations

import dataclasses
import datetime
from typing import TYPE_CHECKING

from django.conf import settings

from accounts import proof as proofs
from accounts.browser import about, slots
from accounts.browser.slots import Slot
from accounts.session_store import VISITORS_AGE
from care_identity.services.authorization import Begun
from care_identity.services.refusals import Page, Refused

if TYPE_CHECKING:
    from django.http import HttpRequest

    from accounts.proof import Proof

# A log-in that is begun outlives a look at the log-in page in another window, so it is not with what is half finished.
_ASKED = "care_identity_under_way"
_LASTS = datetime.timedelta(seconds=settings.ACCOUNT_LOGIN_TIMEOUT)
_CHOICE = Slot("care_identity_choice", lasts=_LASTS)
_REFUSAL = Slot("care_identity_refusal", lasts=VISITORS_AGE, begun=False)
# Windows of one browser in which a person may be on the way at once.
MOST_AT_ONCE = 5


class NotUnderWay(Refused):
    """This browser has no such log-in under way: it never had, has finished it, or began it too long ago."""

    def __init__(self, reason: str) -> None:
        super().__init__(Page.START_AGAIN, reason)


@dataclasses.dataclass(frozen=True, slots=True)
class Asked:
    """One log-in that was begun: what was sent, where it is to end, and whose login to take where there are several."""

    begun: Begun
    next_url: str
    user_id: int | None


@dataclasses.dataclass(frozen=True, slots=True)
class Choice:
    """A proof that opens several logins, until one is chosen.

    `number` tells it from every other: it is the state under which Care Identity was asked, which is used once.
    """

    proof: Proof
    id_token: str
    next_url: str
    number: str

    @property
    def about(self) -> str:
        """What the form is about in which a login is chosen."""
        return about.choice(self.number)


@dataclasses.dataclass(frozen=True, slots=True)
class Refusal:
    """What the page says of a refusal."""

    page: Page
    uid: str = ""
    contacts: tuple[tuple[str, str], ...] = ()


def keep(request: HttpRequest, asked: Asked) -> None:
    """Remember what was asked; the oldest beyond MOST_AT_ONCE are forgotten."""
    _asked(asked.begun.state).keep(request.session, dataclasses.asdict(asked))
    slots.keep_newest(request.session, entry=_ASKED, most=MOST_AT_ONCE)


def take(request: HttpRequest, *, state: str) -> Asked:
    """Return what was asked under `state` and forget it.

    Raises NotUnderWay where this browser asked for no such thing.
    """
    found = _asked(state).take(request.session)
    if found is None:
        raise NotUnderWay("unknown_state")
    return Asked(begun=Begun(**found["begun"]), next_url=found["next_url"], user_id=found["user_id"])


def keep_choice(request: HttpRequest, choice: Choice) -> None:
    """Remember a proof for which a login is still to be chosen, as long as a half-finished log-in lasts."""
    facts = {field.name: getattr(choice, field.name) for field in dataclasses.fields(choice)}
    _CHOICE.keep(request.session, {**facts, "proof": choice.proof.as_dict()})


def find_choice(request: HttpRequest) -> Choice | None:
    """Return the proof for which a login is still to be chosen, or None where there is none any more."""
    kept = _CHOICE.find(request.session)
    # The version before gave it no number; that log-in begins anew.
    if kept is None or "number" not in kept:
        _CHOICE.forget(request.session)
        return None
    return Choice(**{**kept, "proof": proofs.from_dict(kept["proof"])})


def keep_refusal(request: HttpRequest, refused: Refused) -> None:
    """Remember what to say of a refusal: the page comes after a redirect, without the answer in its address.

    That no such log-in is under way is not: answers that the browser never asked for, which a stranger can send at no
    cost, would each leave a session behind. Nor does it end a log-in that is: the answer may be opened again by Back.
    """
    if isinstance(refused, NotUnderWay):
        _REFUSAL.forget(request.session)
        return
    _CHOICE.forget(request.session)
    contacts = dict.fromkeys((user.organisation.name, user.organisation.support_email) for user in refused.logins)
    kept = {"page": refused.page.value, "uid": refused.uid, "contacts": list(contacts)}
    _REFUSAL.keep(request.session, kept)


def refusal(request: HttpRequest) -> Refusal | None:
    """Return what to say of the last refusal in this browser, or None where nothing is remembered."""
    kept = _REFUSAL.find(request.session)
    if kept is None:
        return None
    return Refusal(page=Page(kept["page"]), uid=kept["uid"], contacts=tuple((n, e) for n, e in kept["contacts"]))


def _asked(state: str) -> Slot:
    return Slot(state, lasts=_LASTS, entry=_ASKED)
