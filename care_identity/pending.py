"""What a browser remembers of a log-in with Care Identity under way.

A log-in that is begun lies in a signed cookie, so that beginning one stores nothing here: a stranger can begin as many
as they like. The cookie holds no secret: what ties the answer to it is derived from its state under the portal's key
(services/authorization). What Care Identity has proved lies in the visitor's session.

Several windows may each have one: an answer is taken once, and only by the browser that asked for it.
"""

from __future__ import annotations

import base64
import dataclasses
import datetime
import json
import time
from typing import TYPE_CHECKING, Any

from django.conf import settings

from accounts import esr_contact
from accounts import proof as proofs
from accounts.browser import about, cookies
from accounts.browser.slots import Slot
from accounts.esr_contact import Contact
from accounts.identifiers import keyed_digest
from accounts.models import User
from accounts.session_store import VISITORS_AGE
from care_identity.services import authorization
from care_identity.services.refusals import Page, Refused

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from accounts.proof import Proof
    from care_identity.services.authorization import Begun

_LASTS = datetime.timedelta(seconds=settings.ACCOUNT_LOGIN_TIMEOUT)
_CHOICE = Slot("care_identity_choice", lasts=_LASTS)
_REFUSAL = Slot("care_identity_refusal", lasts=VISITORS_AGE, begun=False)
_REFUSAL_COOKIE = "refusal"
# A cookie for each log-in that is begun: windows that begin at the same moment do not overwrite each other's.
_ASKED_PREFIX = "c"
_NAME_LENGTH = 16
_ASKED_SALT, _REFUSAL_SALT = "esr-portal.care-identity.asked", "esr-portal.care-identity.refusal"
# Windows of one browser in which a person may be on the way at once.
MOST_AT_ONCE = 5
# Letters of the page to go to afterwards, as the cookie has them: JSON writes é in six, an emoji in twelve. Each cookie
# travels with each request, and proxies take 8 kB of them.
LONGEST_NEXT = 300


class NotUnderWay(Refused):
    """This browser has no such log-in under way: it never had, has finished it, or began it too long ago."""

    def __init__(self, reason: str) -> None:
        super().__init__(Page.START_AGAIN, reason, unasked=True)


@dataclasses.dataclass(frozen=True, slots=True)
class Asked:
    """One log-in that was begun: what was sent, where it is to end, and who was logged in (a user id, or None).

    `shared` is whether the person said that other people use the computer too.
    """

    begun: Begun
    next_url: str
    user_id: int | None
    shared: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Choice:
    """A proof that opens several logins, until one is chosen.

    `number` tells it from every other: it is the state under which Care Identity was asked, which is used once.
    """

    proof: Proof
    id_token: str
    next_url: str
    number: str
    shared: bool = False

    @property
    def about(self) -> str:
        """What the form is about in which a login is chosen."""
        return about.choice(self.number)


@dataclasses.dataclass(frozen=True, slots=True)
class Refusal:
    """What the page says of a refusal; and of the log-in that it ended, for the next try, what `Asked` says."""

    page: Page
    uid: str = ""
    contacts: tuple[Contact, ...] = ()
    next_url: str = ""
    shared: bool = False


def user_id(request: HttpRequest) -> int | None:
    """Return who is logged in in this browser, or None."""
    return request.user.pk if isinstance(request.user, User) else None


def keep(request: HttpRequest, response: HttpResponse, asked: Asked) -> None:
    """Have the browser remember what was asked, and forget the oldest beyond MOST_AT_ONCE."""
    facts = {
        "state": asked.begun.state,
        "not_before": asked.begun.not_before,
        "next": _short(asked.next_url),
        "user": asked.user_id,
        "shared": asked.shared,
        "at": time.time(),
    }
    name = _name(asked.begun.state)
    cookies.keep(response, name=name, value=_signed(facts, salt=_ASKED_SALT), lasts=_LASTS)
    others = {other: _facts(request, name=other) or {"at": 0.0} for other in _names(request) if other != name}
    newest_first = sorted(others, key=lambda other: float(others[other]["at"]), reverse=True)
    for other in newest_first[MOST_AT_ONCE - 1 :]:
        cookies.forget(response, name=other)


def find(request: HttpRequest, *, state: str) -> Asked:
    """Return what this browser asked under `state`, for the person who is logged in or for none, as now.

    Raises NotUnderWay where it asked for no such thing, or another person has logged in or out since.
    """
    facts = _facts(request, name=_name(state))
    if facts is None or facts["state"] != state or facts["user"] != user_id(request):
        raise NotUnderWay("unknown_state")
    begun = authorization.begun_under(state=state, not_before=facts["not_before"])
    # The version before did not say whether the computer is shared.
    return Asked(begun=begun, next_url=facts["next"], user_id=facts["user"], shared=facts.get("shared", False))


def forget(request: HttpRequest, response: HttpResponse, *, state: str) -> None:
    """Have the browser forget what it asked under `state`: its answer has come."""
    name = _name(state)
    if cookies.read(request, name=name):
        cookies.forget(response, name=name)


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


def choice_ends_at(request: HttpRequest) -> datetime.datetime | None:
    """Return until when a login can be chosen, or None where there is nothing to choose."""
    return _CHOICE.ends_at(request.session)


def keep_refusal(
    request: HttpRequest, response: HttpResponse, refused: Refused, *, next_url: str, shared: bool
) -> None:
    """Remember what to say of a refusal: the page comes after a redirect, without the answer in its address.

    `next_url` and `shared` are those of the log-in that was refused: the button to try again goes on with them.

    What names the person lies in the session, and the page alone in a cookie: a stranger can have any number of pages
    refused. That no such log-in is under way is not remembered, and ends none that is: the answer may be opened again
    by Back.
    """
    _REFUSAL.forget(request.session)
    if isinstance(refused, NotUnderWay):
        _forget_refusal_cookie(request, response)
        return
    _CHOICE.forget(request.session)
    contacts = dict.fromkeys(esr_contact.of(user) for user in refused.logins)
    again = {"next": _short(next_url), "shared": shared}
    if refused.uid or contacts:
        kept = {
            "page": refused.page.value,
            "uid": refused.uid,
            # Pairs in both: the version before reads the first and knows nothing of the second.
            "contacts": [(contact.organisation, contact.email) for contact in contacts],
            "reasons": [(contact.why, contact.day) for contact in contacts],
            "missing": [contact.missing for contact in contacts],
            **again,
        }
        _REFUSAL.keep(request.session, kept)
        _forget_refusal_cookie(request, response)
    else:
        signed = _signed({"page": refused.page.value, **again}, salt=_REFUSAL_SALT)
        cookies.keep(response, name=_REFUSAL_COOKIE, value=signed, lasts=VISITORS_AGE)


def _forget_refusal_cookie(request: HttpRequest, response: HttpResponse) -> None:
    if cookies.read(request, name=_REFUSAL_COOKIE):
        cookies.forget(response, name=_REFUSAL_COOKIE)


def refusal(request: HttpRequest) -> Refusal | None:
    """Return what to say of the last refusal in this browser, or None where nothing is remembered."""
    kept = _REFUSAL.find(request.session)
    if kept is not None:
        reasons = kept.get("reasons") or [("", "")] * len(kept["contacts"])
        missing = kept.get("missing") or [()] * len(kept["contacts"])
        contacts = tuple(
            dataclasses.replace(Contact(*who, *why), missing=tuple(lacks))
            for who, why, lacks in zip(kept["contacts"], reasons, missing, strict=True)
        )
        return Refusal(page=Page(kept["page"]), uid=kept["uid"], contacts=contacts, **_again(kept))
    signed = cookies.unsign(cookies.read(request, name=_REFUSAL_COOKIE), salt=_REFUSAL_SALT, lasts=VISITORS_AGE)
    if signed is None or signed in set(Page):
        # The version before kept the page alone.
        return Refusal(page=Page(signed)) if signed else None
    facts = _read(signed)
    return Refusal(page=Page(facts["page"]), **_again(facts))


def _again(kept: dict[str, Any]) -> dict[str, Any]:
    """Return how to try again; the version before did not say."""
    return {"next_url": kept.get("next", ""), "shared": kept.get("shared", False)}


def _short(next_url: str) -> str:
    return next_url if len(json.dumps(next_url)) <= LONGEST_NEXT else ""


def _signed(facts: dict[str, Any], *, salt: str) -> str:
    """Return the value of a cookie that says this."""
    return cookies.sign(base64.urlsafe_b64encode(json.dumps(facts).encode()).decode(), salt=salt)


def _read(value: str) -> dict[str, Any]:
    """Return what `_signed` has signed."""
    facts: dict[str, Any] = json.loads(base64.urlsafe_b64decode(value))
    return facts


def _name(state: str) -> str:
    digest = keyed_digest(purpose="care_identity.asked", value=state.encode("utf-8", "replace").decode())
    return _ASKED_PREFIX + digest[:_NAME_LENGTH]


def _names(request: HttpRequest) -> list[str]:
    """Return the names of the cookies that this browser sent for log-ins that were begun."""
    prefix = settings.COOKIE_PREFIX
    names = [name.removeprefix(prefix) for name in request.COOKIES if name.startswith(prefix)]
    return [name for name in names if len(name) == len(_ASKED_PREFIX) + _NAME_LENGTH and name[0] == _ASKED_PREFIX]


def _facts(request: HttpRequest, *, name: str) -> dict[str, Any] | None:
    """Return what a cookie of ours says that lasts still, or None."""
    value = cookies.unsign(cookies.read(request, name=name), salt=_ASKED_SALT, lasts=_LASTS)
    return _read(value) if value is not None else None
