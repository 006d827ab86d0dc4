"""What a browser remembers of a recovery under way: the link it opened, and that it is done. Kept in the session.

The link's token is not among it: the session knows the link's row, and the row knows only the token's digest.
"""

from __future__ import annotations

import uuid

from django.contrib.auth import logout
from django.http import HttpRequest

from accounts.models import RecoveryLink, User
from accounts.services import log_in, recovery

_LINK = "recovery_link"
_DONE = "recovery_done_for"


def begin(request: HttpRequest, *, token: str) -> None:
    """Remember the link that was opened, if it works, in a session that holds nothing else.

    Whoever was logged in is logged out: they end that session anyway by setting the password, and a PC that several
    people use must not mix two of them.
    """
    try:
        link = recovery.link_for(token=token)
    except recovery.LinkUnusable:
        forget(request)
        return
    _empty(request)
    request.session[_LINK] = str(link.pk)


def link(request: HttpRequest) -> RecoveryLink:
    """Return the link that this browser has opened. Raises recovery.LinkUnusable where there is none that works."""
    remembered = request.session.get(_LINK)
    if remembered is None:
        raise recovery.LinkUnusable("none_opened")
    return recovery.link_by_id(link_id=uuid.UUID(remembered))


def user(request: HttpRequest) -> User | None:
    """Return whose password this browser is about to set by a link, or None."""
    try:
        return link(request).user
    except recovery.LinkUnusable:
        return None


def finish(request: HttpRequest, *, user: User) -> None:
    """Remember only whose password was set, in a new session."""
    _empty(request)
    request.session[_DONE] = user.username


def done_for(request: HttpRequest) -> str | None:
    """Return the username whose password this browser has just set, or None."""
    return request.session.get(_DONE)


def forget(request: HttpRequest) -> None:
    """Drop all of it: somebody starts something else in this browser."""
    for name in (_LINK, _DONE):
        request.session.pop(name, None)


def _empty(request: HttpRequest) -> None:
    if request.user.is_authenticated:
        log_in.log_out(user=request.user)
    logout(request)
