"""What a browser remembers of recoveries under way: the links that were opened, and which are done.

Several links may be open at once, each in its tab, as one mail lists a link for each employer: what the page's address
or its form is about says which. A link's token is not among it: the session knows the link's row, and the row knows
only the token's digest.
"""

from __future__ import annotations

import uuid
from typing import cast

from django.contrib.auth import logout
from django.http import HttpRequest

from accounts.browser import about, other_accounts, remembered_username
from accounts.browser.slots import Slot
from accounts.models import RecoveryLink, User
from accounts.services import log_in, recovery

# The ids of the links that were opened, the newest last, and by such an id the username whose password was set.
_OPENED = Slot("recovery_links", lasts=recovery.LINK_LASTS)
_DONE = Slot("recovery_done", lasts=recovery.LINK_LASTS, begun=False)
# More employers than any person has at one mailbox; what a browser can have us remember has an end.
MOST_AT_ONCE = 10
# Why there is no link where this browser has not opened the one that a page is about, or has dropped it.
NOT_OPEN = "not_open"


def begin(request: HttpRequest, *, token: str) -> str:
    """Remember the link that was opened; return what its page is about, or "" where the link does not work.

    A person who is logged in stays so: any site or mail can have a browser open a link, so their page asks them first
    (`log_out`). Where none is, of what was in the session the opened links alone stay.
    """
    try:
        link = recovery.link_for(token=token)
    except recovery.LinkUnusable:
        return ""
    if request.user.is_authenticated:
        _OPENED.keep(request.session, _with_newest(_opened(request), str(link.pk)))
    else:
        _empty(request, open_next=str(link.pk))
    return about.link(link.pk)


def link(request: HttpRequest, *, named: str | None = None) -> RecoveryLink:
    """Return the opened link that this page is about. Raises recovery.LinkUnusable where there is none that works.

    `named` is what the page is about where its form does not say it, but its address.
    """
    named = about.sent(request) if named is None else named
    for link_id in _opened(request):
        if about.is_same(named, about.link(link_id)):
            return recovery.link_by_id(link_id=uuid.UUID(link_id))
    raise recovery.LinkUnusable(NOT_OPEN)


def log_out(request: HttpRequest) -> None:
    """Log out the person who is in, so that an opened link can be used: a PC that several use must not mix two of them.

    Of what was in the session, the opened links alone stay.
    """
    _empty(request)


def is_one_open(request: HttpRequest) -> bool:
    """Return whether this browser has opened a link, whatever this page is about."""
    return bool(_opened(request))


def finish(request: HttpRequest, *, link: RecoveryLink, user: User) -> None:
    """Remember the username whose password a link has set, in a new session, with the other opened links alone.

    The log-in page begins with it (remembered_username.py). Where two tabs have set the passwords of two people, or of
    one person's two usernames, it begins with neither.
    """
    _empty(request)
    done = {**_done(request), str(link.pk): user.username}
    _DONE.keep(request.session, done)
    if len(set(done.values())) == 1:
        remembered_username.keep_once(request, user.username)


def done_for(request: HttpRequest) -> str | None:
    """Return the username whose password was set by the link that this page is about, or None."""
    done = _done(request).items()
    return next((username for link_id, username in done if about.says(request, about.link(link_id))), None)


def forget(request: HttpRequest) -> None:
    """Drop all of it: the person starts something else in this browser."""
    _OPENED.forget(request.session)
    _DONE.forget(request.session)


def _opened(request: HttpRequest) -> list[str]:
    return cast("list[str]", _OPENED.find(request.session) or [])


def _with_newest(opened: list[str], newest: str) -> list[str]:
    return [*(link_id for link_id in opened if link_id != newest), newest][-MOST_AT_ONCE:]


def _done(request: HttpRequest) -> dict[str, str]:
    return cast("dict[str, str]", _DONE.find(request.session) or {})


def _empty(request: HttpRequest, *, open_next: str = "") -> None:
    """End the session and begin another with the links that are open, and `open_next` as the newest of them."""
    opened, done = _opened(request), _done(request)
    if request.user.is_authenticated:
        log_in.log_out(user=request.user)
    other_accounts.end_all(request)
    logout(request)
    if open_next:
        opened = _with_newest(opened, open_next)
    _OPENED.keep(request.session, opened)
    if done:
        _DONE.keep(request.session, {link_id: name for link_id, name in done.items() if link_id in opened})
