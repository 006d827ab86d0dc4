"""What a browser remembers of “this was not me”: the links that were opened, and the account that was stopped.

As with recovery links (recovery.py): several may be open, each in its tab, and what a page is about says which. The
session holds no token, but a digest of it.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, cast

from django.contrib.auth import logout

from accounts.browser import about, other_accounts
from accounts.browser.slots import Slot
from accounts.models import User
from accounts.models.recovery_request import LINK_LASTS
from accounts.services import freezing

if TYPE_CHECKING:
    import datetime

    from django.http import HttpRequest

# As long as a visitor's session lasts: the mail opens the page again.
_OPENED = Slot("this_was_not_me", lasts=LINK_LASTS)
_STOPPED = Slot("stopped", lasts=LINK_LASTS, begun=False)
# More mails than a person opens at a time; what a browser can have us remember has an end.
MOST_AT_ONCE = 10
# Why there is no link where this browser has not opened the one that a page is about, or has dropped it.
NOT_OPEN = "not_open"


def begin(request: HttpRequest, *, token: str) -> str:
    """Remember the link that was opened; return what its page is about, or "" where the link does not work.

    A person who is logged in stays so, theirs or not: nothing is done to an account by opening a link.
    """
    try:
        link = freezing.read(token=token)
    except freezing.LinkUnusable:
        return ""
    others = [other for other in _opened(request) if other.key != link.key]
    _keep(request, [*others, link])
    return about.not_me(link.key)


def link(request: HttpRequest) -> freezing.Link:
    """Return the opened link that this page is about. Raises freezing.LinkUnusable where there is none."""
    for opened in _opened(request):
        if about.says(request, about.not_me(opened.key)):
            return opened
    raise freezing.LinkUnusable(NOT_OPEN)


def ends_at(request: HttpRequest) -> datetime.datetime | None:
    """Return until when this browser remembers the links that it has opened."""
    return _OPENED.ends_at(request.session)


def finish(request: HttpRequest, *, user: User) -> None:
    """Remember that the account of `user` was stopped here; log them out here where it is they who were logged in.

    The other accounts that this browser is logged in to end with their session: it held their keys. A link of theirs
    works no more, and another person's stays.
    """
    others = [opened for opened in _opened(request) if opened.user_id != user.pk]
    if request.user.pk == user.pk:
        other_accounts.end_all(request)
        logout(request)
    _OPENED.forget(request.session)
    if others:
        _keep(request, others)
    _STOPPED.keep(request.session, user.pk)


def stopped(request: HttpRequest) -> User | None:
    """Return the person whose account was stopped in this browser lately, their organisation with them, or None."""
    pk = _STOPPED.find(request.session)
    return User.objects.select_related("organisation").filter(pk=pk).first() if pk is not None else None


def _opened(request: HttpRequest) -> list[freezing.Link]:
    kept = cast("list[dict[str, Any]]", _OPENED.find(request.session) or [])
    return [freezing.Link(**each) for each in kept]


def _keep(request: HttpRequest, links: list[freezing.Link]) -> None:
    _OPENED.keep(request.session, [dataclasses.asdict(link) for link in links[-MOST_AT_ONCE:]])
