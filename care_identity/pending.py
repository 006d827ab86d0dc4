"""What a browser remembers of a log-in with Care Identity under way. Kept in the visitor's session.

Several windows may each have one: an answer is taken once, and only by the browser that asked for it.
"""

from __future__ import annotations

import dataclasses
import time
from typing import TYPE_CHECKING, Any

from django.conf import settings

from accounts import proof as proofs
from accounts.adapter import CHOICE, REFUSAL
from care_identity.services.authorization import Begun
from care_identity.services.refusals import Page, Refused

if TYPE_CHECKING:
    from django.http import HttpRequest

    from accounts.proof import Proof

_ASKED = "care_identity_asked"
# Windows of one browser in which somebody may be on their way at once.
MOST_AT_ONCE = 5
# What the page about a refusal says where none is remembered.
NOTHING_KEPT = Page.START_AGAIN


@dataclasses.dataclass(frozen=True, slots=True)
class Asked:
    """One log-in that was begun: what was sent, where it is to end, and whose login to take where there are several."""

    begun: Begun
    next_url: str
    user_id: int | None


@dataclasses.dataclass(frozen=True, slots=True)
class Choice:
    """A proof that opens several logins, until one is chosen."""

    proof: Proof
    id_token: str
    next_url: str


@dataclasses.dataclass(frozen=True, slots=True)
class Refusal:
    """What the page says of a refusal."""

    page: Page
    uid: str = ""
    contacts: tuple[tuple[str, str], ...] = ()


def keep(request: HttpRequest, asked: Asked) -> None:
    """Remember what was asked; the oldest beyond MOST_AT_ONCE are forgotten."""
    kept = {**_fresh(request), asked.begun.state: {**dataclasses.asdict(asked), "until": _end()}}
    request.session[_ASKED] = dict(list(kept.items())[-MOST_AT_ONCE:])


def take(request: HttpRequest, *, state: str) -> Asked:
    """Return what was asked under `state` and forget it. Raises Refused where this browser asked for no such thing."""
    kept = _fresh(request)
    found = kept.pop(state, None)
    if found is None:
        raise Refused(Page.START_AGAIN, "unknown_state")
    request.session[_ASKED] = kept
    return Asked(begun=Begun(**found["begun"]), next_url=found["next_url"], user_id=found["user_id"])


def keep_choice(request: HttpRequest, choice: Choice) -> None:
    """Remember a proof for which a login is still to be chosen, as long as a half-finished log-in lasts."""
    request.session[CHOICE] = {
        "proof": choice.proof.as_dict(),
        "id_token": choice.id_token,
        "next_url": choice.next_url,
        "until": _end(),
    }


def choice(request: HttpRequest) -> Choice:
    """Return the proof for which a login is still to be chosen. Raises Refused where there is none any more."""
    kept = request.session.get(CHOICE)
    if kept is None or kept["until"] < time.time():
        request.session.pop(CHOICE, None)
        raise Refused(Page.START_AGAIN, "choice_too_late")
    return Choice(proof=proofs.from_dict(kept["proof"]), id_token=kept["id_token"], next_url=kept["next_url"])


def keep_refusal(request: HttpRequest, refused: Refused) -> None:
    """Remember what to say of a refusal: the page comes after a redirect, without the answer in its address.

    What is said where nothing is remembered is not: answers that nobody asked for, which anybody can send at no cost,
    would each leave a session behind.
    """
    request.session.pop(CHOICE, None)
    if refused.page is NOTHING_KEPT:
        request.session.pop(REFUSAL, None)
        return
    contacts = dict.fromkeys((user.organisation.name, user.organisation.support_email) for user in refused.logins)
    request.session[REFUSAL] = {"page": refused.page.value, "uid": refused.uid, "contacts": list(contacts)}


def refusal(request: HttpRequest) -> Refusal:
    """Return what to say of the last refusal in this browser; to one without cookies, to begin again."""
    kept = request.session.get(REFUSAL)
    if kept is None:
        return Refusal(page=NOTHING_KEPT)
    return Refusal(page=Page(kept["page"]), uid=kept["uid"], contacts=tuple((n, e) for n, e in kept["contacts"]))


def _fresh(request: HttpRequest) -> dict[str, Any]:
    kept = request.session.get(_ASKED, {})
    return {state: asked for state, asked in kept.items() if asked["until"] >= time.time()}


def _end() -> float:
    return time.time() + settings.ACCOUNT_LOGIN_TIMEOUT
