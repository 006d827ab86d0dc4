"""What a person is asked or offered right after a log-in, on the way to the page that they want: one thing at most."""

from __future__ import annotations

import dataclasses
import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.urls import reverse

from accounts.browser.slots import Slot
from accounts.services import passkey_log_in, sessions
from accounts.services.second_step import still_works

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from django.http import HttpRequest

    from accounts.log_in_under_way import LogInUnderWay
    from accounts.models import User


_PASSKEY_OFFER = "passkey_offer"
# From the end of a log-in until the page that it led to was shown.
_OFFERING = Slot("passkey_offer", lasts=datetime.timedelta(minutes=15), begun=False)


@dataclasses.dataclass(frozen=True, slots=True)
class _LoggedIn:
    user: User
    under_way: LogInUnderWay
    shared: bool


def _second_step_is_not_used(log_in: _LoggedIn) -> bool:
    # What was used just now is not asked for.
    used = log_in.under_way.second_step or log_in.under_way.passkey is not None
    return not used and still_works.is_to_be_asked(user=log_in.user)


def _passkey_is_offered(log_in: _LoggedIn) -> bool:
    return log_in.under_way.by_password and passkey_log_in.is_offer_due(user=log_in.user, shared=log_in.shared)


# In their order: the first that holds is the page that comes next.
_ON_THE_WAY: Sequence[tuple[Callable[[_LoggedIn], bool], str]] = (
    (_second_step_is_not_used, "still_works"),
    (_passkey_is_offered, _PASSKEY_OFFER),
)


def next_page(request: HttpRequest, *, user: User, under_way: LogInUnderWay, wanted: str) -> str:
    """Return the address at which `user`, who is in, lands: `wanted`, or a page on the way that leads there."""
    shared = sessions.is_at_shared_computer(session=request.session)
    log_in = _LoggedIn(user=user, under_way=under_way, shared=shared)
    page = next((name for holds, name in _ON_THE_WAY if holds(log_in)), None)
    if page == _PASSKEY_OFFER:
        _OFFERING.keep(request.session, "")
    return f"{reverse(page)}?{urlencode({'next': wanted})}" if page else wanted


def led_to_passkey_offer(request: HttpRequest) -> bool:
    """Return whether the log-in of this session led to the offer of a passkey, and it was not shown since; once.

    Another site can have the browser open the offer's page at any time: that says nothing of what a person has seen.
    """
    return _OFFERING.take(request.session) is not None
