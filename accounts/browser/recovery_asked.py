"""What a browser remembers of the recovery form that was just sent from it: the reference, and the address as typed.

It is a cookie, because a form that any stranger can send must store no session (OWASP ASVS 15). It is sealed, so that
the address cannot be read out of it, and never holds the date of birth. The address is for the person who typed it and
not for the next one at the same computer: it is shown no more once the form is opened anew, a link is opened, a person
logs in or out, or SHOWN_FOR is over. The reference says nothing of any person, and is shown for SHOWN_FOR. The cookie
goes when the browser is closed: until then it says which forms are older than the one that was sent (`is_older`).
"""

from __future__ import annotations

import dataclasses
import datetime
import json
import math
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.browser import cookies

# Long enough to write the reference down, and to see that the address is wrong when no mail comes.
SHOWN_FOR = datetime.timedelta(minutes=10)
# A mail takes some seconds. Sooner than this another one would only be the second of two.
SEND_AGAIN_AFTER = datetime.timedelta(minutes=1)
# As many as one address may ask in a day to any effect.
_MOST_EARLIER = 4
# The cookie ends with the browser's window; that is as long as a window may be open.
_AS_LONG_AS_A_BROWSER = datetime.timedelta(days=30)
OPENED = "opened"
_NAME = "recovery"
_SALT = "esr-portal.recovery.asked"


@dataclasses.dataclass(frozen=True, slots=True)
class Asked:
    """A recovery form that was sent. `email` is "" where it is not this person's to see any more.

    `is_refilling` says that the form is to be shown with `email` in it, once. `earlier` are the references of the forms
    that were sent before it for the same address, the newest first.
    """

    reference: str
    email: str
    asked_at: float
    earlier: tuple[str, ...] = ()
    is_refilling: bool = False

    @property
    def seconds_left(self) -> int:
        """How many seconds there still are until it may be sent again."""
        return max(0, math.ceil(self.asked_at + SEND_AGAIN_AFTER.total_seconds() - timezone.now().timestamp()))


def find(request: HttpRequest) -> Asked | None:
    """Return what was sent from this browser just now, or None."""
    opened = _read(request)
    if opened is None:
        return None
    whose, reference, email, asked_at, earlier, is_refilling = opened
    if asked_at + SHOWN_FOR.total_seconds() < timezone.now().timestamp():
        return None
    asked = Asked(reference, email, asked_at, tuple(earlier), is_refilling)
    return asked if constant_time_compare(whose, _whose(request)) else _without_address(asked)


def mark() -> str:
    """Return what a form says of when its page was made, in its field OPENED."""
    return cookies.sign(str(timezone.now().timestamp()), salt=_SALT)


def is_older(request: HttpRequest, typed: Mapping[str, str]) -> bool:
    """Return whether what was `typed` into a form came from a page that is older than the last form sent from here.

    Browsers send such a form once more where a person goes back to its answer and says yes: the next one at the same
    computer must not be shown what was typed.
    """
    sent = _read(request)
    if sent is None:
        return False
    made_at = cookies.unsign(typed.get(OPENED, ""), salt=_SALT, lasts=_AS_LONG_AS_A_BROWSER)
    return made_at is None or float(made_at) <= sent[3]


def keep(request: HttpRequest, response: HttpResponse, *, reference: str, email: str, before: Asked | None) -> None:
    """Have the browser remember a form that was just sent. `before` is what `find` returned until then."""
    earlier = (before.reference, *before.earlier)[:_MOST_EARLIER] if before and before.email == email else ()
    _keep(request, response, Asked(reference, email, timezone.now().timestamp(), earlier))


def refill(request: HttpRequest, response: HttpResponse, asked: Asked) -> None:
    """Have the form show the address once, where it is opened next."""
    _keep(request, response, dataclasses.replace(asked, is_refilling=True))


def opened(request: HttpRequest, response: HttpResponse, asked: Asked | None) -> None:
    """Note that the form was opened: by the same person where it was to be refilled, else by any."""
    if asked and asked.is_refilling:
        _keep(request, response, dataclasses.replace(asked, is_refilling=False))
    else:
        forget_address(request, response, asked)


def forget_address(request: HttpRequest, response: HttpResponse, asked: Asked | None) -> None:
    """Drop the address, and keep the reference."""
    if asked and asked.email:
        _keep(request, response, _without_address(asked))


def forget(request: HttpRequest, response: HttpResponse) -> None:
    """Have the browser forget the form that was sent from it."""
    if cookies.read(request, name=_NAME):
        cookies.forget(response, name=_NAME)


def _read(request: HttpRequest) -> list[Any] | None:
    opened = cookies.unseal(cookies.read(request, name=_NAME), salt=_SALT, lasts=_AS_LONG_AS_A_BROWSER)
    return None if opened is None else json.loads(opened)


def _without_address(asked: Asked) -> Asked:
    return Asked(asked.reference, "", asked.asked_at)


def _keep(request: HttpRequest, response: HttpResponse, asked: Asked) -> None:
    fields = [_whose(request), *dataclasses.astuple(asked)]
    cookies.keep(response, name=_NAME, value=cookies.seal(json.dumps(fields), salt=_SALT), lasts=None)


def _whose(request: HttpRequest) -> str:
    """Return what changes in a browser when a person logs in or out: its CSRF token, and a person's session."""
    session = request.session.session_key if request.user.is_authenticated else ""
    return salted_hmac(_SALT, f"{cookies.secret_of_browser(request)} {session}", algorithm="sha256").hexdigest()[:16]
