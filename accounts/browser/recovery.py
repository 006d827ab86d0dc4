"""What a browser remembers of a recovery under way: its reference, the link that was opened, and that it is done.

The link's token is not among it: the session knows the link's row, and the row knows only the token's digest.
"""

from __future__ import annotations

import datetime
import uuid

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse

from accounts.browser import cookies
from accounts.browser.slots import Slot
from accounts.models import RecoveryLink, User
from accounts.services import log_in, recovery

_LINK = Slot("recovery_link", lasts=recovery.LINK_LASTS)
_DONE = Slot("recovery_done_for", lasts=recovery.LINK_LASTS)
_REFERENCE = "recovery"
_REFERENCE_SALT = "esr-portal.recovery.reference"
# Long enough to write the reference down; it says nothing about any person.
_REFERENCE_SHOWN_FOR = datetime.timedelta(minutes=10)


def keep_reference(response: HttpResponse, reference: str) -> None:
    """Have the browser remember the reference of a request that was just made: the next page shows it."""
    signed = cookies.sign(reference, salt=_REFERENCE_SALT)
    cookies.keep(response, name=_REFERENCE, value=signed, lasts=_REFERENCE_SHOWN_FOR)


def reference(request: HttpRequest) -> str | None:
    """Return the reference of the request that this browser has just made, or None."""
    kept = cookies.read(request, name=_REFERENCE)
    return cookies.unsign(kept, salt=_REFERENCE_SALT, lasts=_REFERENCE_SHOWN_FOR)


def begin(request: HttpRequest, *, token: str) -> None:
    """Remember the link that was opened, if it works, in a session that holds nothing else.

    The person who was logged in is logged out: setting the password ends that session anyway, and a PC that several
    people use must not mix two of them.
    """
    try:
        link = recovery.link_for(token=token)
    except recovery.LinkUnusable:
        forget(request)
        return
    _empty(request)
    _LINK.keep(request.session, str(link.pk))


def link(request: HttpRequest) -> RecoveryLink:
    """Return the link that this browser has opened. Raises recovery.LinkUnusable where there is none that works."""
    remembered = _LINK.find(request.session)
    if remembered is None:
        raise recovery.LinkUnusable("none_opened")
    return recovery.link_by_id(link_id=uuid.UUID(remembered))


def user(request: HttpRequest) -> User | None:
    """Return the person whose password this browser is about to set by a link, or None."""
    try:
        return link(request).user
    except recovery.LinkUnusable:
        return None


def finish(request: HttpRequest, *, user: User) -> None:
    """Remember only the username whose password was set, in a new session."""
    _empty(request)
    _DONE.keep(request.session, user.username)


def done_for(request: HttpRequest) -> str | None:
    """Return the username whose password this browser has just set, or None."""
    username: str | None = _DONE.find(request.session)
    return username


def forget(request: HttpRequest) -> None:
    """Drop all of it: the person starts something else in this browser."""
    _LINK.forget(request.session)
    _DONE.forget(request.session)


def _empty(request: HttpRequest) -> None:
    if request.user.is_authenticated:
        log_in.log_out(user=request.user)
    logout(request)
