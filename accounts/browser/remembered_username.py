"""The username that stands in the log-in form when it opens.

Either for once, in the session of this browser: after a new password, a log-in that has to begin again, or a time-out,
so that the person types only their password. It is gone with the page that has shown it, and after minutes, because the
next person may be at the same PC. An explicit log-out keeps nothing.

Or for long, in a signed cookie, because the person ticked that this is a device of their own. It is for the form alone:
no rule of the portal asks it, and it is no device cookie (browser/device_cookies.py).

What is to leave no trace in a browser has to pass by here: `keep_once`, `obey` and `forget`.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse

from accounts import proof
from accounts.browser import cookies
from accounts.browser.slots import Slot
from accounts.services import sessions

if TYPE_CHECKING:
    from accounts.models import User

# Time to read the page in between, and to open a mail.
ONCE_LASTS = datetime.timedelta(minutes=10)
# Renewed at each log-in with the tick. A device that was not used for so long may be another person's by now.
REMEMBERED_FOR = datetime.timedelta(days=180)

_ONCE = Slot("username", lasts=ONCE_LASTS, begun=False)
_NAME = "username"
_SALT = "esr-portal.remembered-username"


def keep_once(request: HttpRequest, username: str) -> None:
    """Have the next log-in page of this session begin with `username`, if it is opened within ONCE_LASTS."""
    _ONCE.keep(request.session, username)


def to_keep_after_time_out(request: HttpRequest, user: User) -> str:
    """Return the username to keep where the session of `user` times out now, or "".

    None is kept where a Care Identity was the way in, which needs no username, or where the session has ended so long
    ago that the next person is likelier at this PC than the same one, or at a shared computer.
    """
    session = request.session
    if proof.of_session(session=session) is not None or sessions.is_at_shared_computer(session=session):
        return ""
    return user.username if sessions.ended_lately(session=session, user=user) else ""


def take_once(request: HttpRequest) -> str:
    """Return the username that is kept for once, or "", and forget it."""
    return str(_ONCE.take(request.session) or "")


def by_choice(request: HttpRequest) -> str:
    """Return the username that this browser remembers because its person ticked so, or ""."""
    return cookies.unsign(cookies.read(request, name=_NAME), salt=_SALT, lasts=REMEMBERED_FOR) or ""


def obey(request: HttpRequest, response: HttpResponse, *, ticked: bool, logged_in: str) -> None:
    """Remember or forget a username as the form that was sent says; `logged_in` is the one that was right, or "".

    A tick counts for the username that it was shown with: the next person at a PC who leaves it as it is has chosen
    nothing, so where another username is remembered, that is forgotten and theirs is not remembered.
    """
    remembered = by_choice(request)
    if ticked and logged_in and remembered in {"", logged_in}:
        cookies.keep(response, name=_NAME, value=cookies.sign(logged_in, salt=_SALT), lasts=REMEMBERED_FOR)
    elif cookies.read(request, name=_NAME) and (not ticked or (logged_in and remembered != logged_in)):
        forget(response)


def forget(response: HttpResponse) -> None:
    """Have this browser forget the username that it remembers by choice."""
    cookies.forget(response, name=_NAME)
