"""Accounts that a browser stays logged in to while it is used with another: their sessions are parked.

A parked session stays where it is, with its own limits, and is ended by all that ends it else. Its key is no longer in
the browser: the session in use holds it, sealed with the portal's secret key, so that a reader of the database can open
none. Each switch gives both sessions new keys. What is parked ends with the session that holds it: by log-out, time-out
or another log-in in its place.
"""

from __future__ import annotations

import dataclasses
import datetime
from typing import TYPE_CHECKING, Any, cast

from django.conf import settings
from django.contrib.auth import SESSION_KEY, get_user
from django.db import transaction
from django.middleware.csrf import rotate_token

from accounts import session_limits
from accounts.browser import about, cookies
from accounts.browser.slots import Slot
from accounts.models import Session, User
from accounts.models.session import stored_key
from accounts.services import events, sessions, switching
from accounts.session_store import SessionStore

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpRequest

_KEPT = "other_accounts"
_SALT = "esr-portal.other-accounts"
# No session lasts longer.
_LASTS = session_limits.CARE_IDENTITY.absolute
# That the log-in which comes next is to another account of the same person. As long as a log-in may take.
_ASKED = Slot("another_account", lasts=datetime.timedelta(seconds=settings.ACCOUNT_LOGIN_TIMEOUT), begun=False)


@dataclasses.dataclass(frozen=True, slots=True)
class Kept:
    """A parked session: whose it is, and its key, sealed for that person."""

    user_id: int
    sealed: str

    @classmethod
    def of(cls, store: Any, *, user_id: int) -> Kept:
        """Return `store` as it is parked."""
        return cls(user_id, cookies.seal(store.session_key, salt=f"{_SALT}.{user_id}"))

    @property
    def key(self) -> str:
        """The key of the session, or "" where it cannot be opened any more."""
        return cookies.unseal(self.sealed, salt=f"{_SALT}.{self.user_id}", lasts=_LASTS) or ""


def kept(session: Any) -> list[Kept]:
    """Return the sessions that `session` holds parked, the oldest first."""
    return [Kept(*parked) for parked in session.get(_KEPT, [])]


def may_ask_to_keep(request: HttpRequest) -> bool:
    """Return whether `ask_to_keep` does anything: not at a shared computer, nor with MOST_AT_ONCE accounts."""
    return _may_park(request, shared=False) and not are_as_many_as_may_be(request)


def are_as_many_as_may_be(request: HttpRequest) -> bool:
    """Return whether this browser is logged in to MOST_AT_ONCE accounts: those whose time is up are none."""
    return len(open_sessions(request)) >= switching.MOST_AT_ONCE - 1


def ask_to_keep(request: HttpRequest) -> bool:
    """Have the next log-in in this browser park the session of the person who is logged in, and not end it.

    Returns False, and does nothing, where that may not be.
    """
    may = may_ask_to_keep(request)
    if may:
        _ASKED.keep(request.session, True)
    return may


def is_asked_to_keep(request: HttpRequest) -> bool:
    """Return whether the log-in that comes next is to another account of the person who is logged in."""
    return request.user.is_authenticated and _ASKED.find(request.session) is True


def is_too_late(request: HttpRequest) -> bool:
    """Return whether a form was sent whose page says that a person stays logged in who would not any more.

    The log-in page has been opened in another tab meanwhile, or it was asked for too long ago, or by another person.
    """
    if about.FIELD not in request.POST:
        return False
    held = about.of(request)
    return held is None or not is_asked_to_keep(request) or not about.says(request, held)


def do_not_keep(request: HttpRequest) -> None:
    """Take back `ask_to_keep`."""
    _ASKED.forget(request.session)


def set_aside(request: HttpRequest, *, user: User, shared: bool) -> list[Kept]:
    """Park the session of the person who is logged in, where that was asked for and may be, as `user` begins to log in.

    Returns all that is parked now, to be held by what comes in its place. `shared` is what is known of the computer by
    now. A session of `user` is not parked: another one of theirs begins.
    """
    asked = is_asked_to_keep(request)
    do_not_keep(request)
    if not asked or not _may_park(request, shared=shared):
        return []
    here, left = request.session, cast("User", request.user)
    # What goes on no more would take the place of what does.
    going_on = {person.pk for person in open_sessions(request)} - {user.pk}
    parked = [other for other in kept(here) if other.user_id in going_on]
    if left.pk != user.pk:
        parked.append(_park(here, user_id=left.pk))
        request.session = SessionStore()
    else:
        here.pop(_KEPT, None)
    return parked[-(switching.MOST_AT_ONCE - 1) :]


def hold(request: HttpRequest, parked: Iterable[Kept]) -> None:
    """Have this browser's session hold what is parked."""
    rows = [dataclasses.astuple(other) for other in parked]
    if rows:
        request.session[_KEPT] = rows


def end_all(request: HttpRequest) -> None:
    """End all sessions that this browser's session holds parked: of a person who is logged in or on their way in."""
    keys = [stored_key(other.key) for other in kept(request.session)]
    if keys:
        Session.objects.filter(pk__in=keys).delete()


def forget_all(request: HttpRequest) -> None:
    """End all sessions that are parked in this browser, and hold them no more."""
    end_all(request)
    if _KEPT in request.session:
        del request.session[_KEPT]


def open_sessions(request: HttpRequest) -> dict[User, SessionStore]:
    """Return the parked sessions that go on still, by their person."""
    found = {}
    for other in kept(request.session):
        store = SessionStore(other.key)
        user = User.objects.filter(pk=other.user_id).first()
        if user is not None and _goes_on(store, user):
            found[user] = store
    return found


def switch(request: HttpRequest, *, to: User) -> bool:
    """Put the parked session of `to` in the place of the one in use, which is parked in turn; return whether it was.

    Where its time is up, or something else has ended it, nothing happens but that it is forgotten.
    """
    chosen = next((other for other in kept(request.session) if other.user_id == to.pk), None)
    if chosen is None or not _may_park(request, shared=False):
        return False
    here, left = request.session, cast("User", request.user)
    others = [other for other in kept(here) if other != chosen]
    with transaction.atomic():
        there = _open(request, chosen)
        if there is None:
            here[_KEPT] = [dataclasses.astuple(other) for other in others]
            return False
        others.append(_park(here, user_id=left.pk))
        there.cycle_key()
        there[_KEPT] = [dataclasses.astuple(other) for other in others]
        sessions.note_seen(session=there, at_once=True)
        there.save()
        switching.record(left=left.pk, entered=to.pk)
    request.session, request.user = there, to
    # As after a log-in: what the pages of the other account have in them is worth nothing any more.
    rotate_token(request)
    return True


def _open(request: HttpRequest, parked: Kept) -> SessionStore | None:
    """Return the session that is parked, locked, or end it and return None where it may not go on."""
    # Of two switches at the same moment, the second finds no such session any more.
    rows = Session.objects.select_for_update().filter(pk=stored_key(parked.key))
    store = SessionStore(parked.key) if list(rows.values_list("pk")) else SessionStore()
    user = _person_of(request, store)
    if user is not None and user.pk == parked.user_id and _goes_on(store, user):
        return store
    store.flush()
    return None


def _park(store: Any, *, user_id: int) -> Kept:
    """Give a session a key that no browser knows; return it parked. What it held parked is the caller's to hold."""
    store.pop(_KEPT, None)
    sessions.note_seen(session=store, at_once=True)
    store.cycle_key()
    store.save()
    return Kept.of(store, user_id=user_id)


def _person_of(request: HttpRequest, store: SessionStore) -> User | None:
    """Return whose session this is by Django's own rules: the person is in force, with the password it began with."""
    here, request.session = request.session, store
    try:
        user = get_user(request)
    finally:
        request.session = here
    return user if isinstance(user, User) else None


def _goes_on(store: SessionStore, user: User) -> bool:
    theirs = store.get(SESSION_KEY) == str(user.pk)
    return theirs and user.may_enter() and not sessions.is_over(session=store, user=user)


def _may_park(request: HttpRequest, *, shared: bool) -> bool:
    said = shared or sessions.is_at_shared_computer(session=request.session)
    return request.user.is_authenticated and switching.may_keep_several(shared=said, address=events.origin().address)
