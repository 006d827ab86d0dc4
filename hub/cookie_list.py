"""Every cookie that the portal has a browser keep, as the page about cookies describes it.

The tests let no cookie be set that is not described here, nor one that is kept for longer (tests/conftest.py).
"""

from __future__ import annotations

import dataclasses
import datetime
import re
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts import session_limits
from accounts.browser import device_cookies, language, preferred_method, recovery_asked, remembered_username
from accounts.services import lockout
from accounts.services.second_step import remembered_browsers
from accounts.session_store import VISITORS_AGE
from nhsuk import wording

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

_MINUTES_OF_A_LOG_IN = datetime.timedelta(seconds=settings.ACCOUNT_LOGIN_TIMEOUT)
# What stands for letters and digits that differ from cookie to cookie.
_VARIES = "…"


@dataclasses.dataclass(frozen=True, slots=True)
class Cookie:
    """A cookie: its name without the site's prefix, what it is for, and how long it is kept.

    `name` may end in "…". `lasts` is None where the cookie goes when the browser is closed.
    """

    name: str
    purpose: StrPromise
    lasts: datetime.timedelta | None

    @property
    def shown_name(self) -> str:
        """The name as a browser shows it."""
        return f"{settings.COOKIE_PREFIX}{self.name}"

    @property
    def kept_for(self) -> str:
        """How long it is kept, in words."""
        return wording.spoken_duration(self.lasts) if self.lasts else str(_("until you close the browser"))

    def is_called(self, name: str) -> bool:
        """Return whether a browser may have this cookie under `name`."""
        letters = "[0-9a-f]{16}" if self.name.endswith(_VARIES) else ""
        return bool(re.fullmatch(re.escape(self.shown_name.removesuffix(_VARIES)) + letters, name))


COOKIES = (
    Cookie(
        "session",
        wording.filled_in(
            _(
                "Keeps you logged in, for %(most)s at most, or %(with_care_identity)s if you came with your Care "
                "Identity. Before that, it holds what you have begun, like a link that you opened from our email."
            ),
            most=wording.lazy_duration(session_limits.PEOPLE.absolute),
            with_care_identity=wording.lazy_duration(session_limits.CARE_IDENTITY.absolute),
        ),
        None,
    ),
    Cookie(
        "csrf",
        _("Shows that a form comes from a page of ours in your own browser: no other website can send one for you."),
        datetime.timedelta(seconds=settings.CSRF_COOKIE_AGE),
    ),
    Cookie(
        f"b{_VARIES}",
        _(
            "Remembers that you have logged in with this browser before, so that wrong passwords "
            "typed somewhere else do not lock you out here. There is one for each username. It does "
            "not log you in, and does not say who you are."
        ),
        device_cookies.REMEMBERED_FOR,
    ),
    Cookie(
        f"r{_VARIES}",
        _(
            "Remembers that you ticked not to be asked for your second step in this browser. There is one for each "
            "username. It changes at each log-in, does not log you in, and does not say who you are."
        ),
        remembered_browsers.LASTS,
    ),
    Cookie(
        "tries",
        _(
            "Counts the wrong passwords typed in this browser for each username, so that the page can"
            " say how many tries are left and until when a username is locked. It holds no username "
            "that can be read."
        ),
        lockout.DURATION,
    ),
    Cookie(
        "username",
        _("Holds your username for the log-in page, because you ticked “Remember my username on this device”."),
        remembered_username.REMEMBERED_FOR,
    ),
    Cookie(
        "recovery",
        wording.filled_in(
            _(
                "Keeps the reference of your request for a link and the email address that you typed, to show them to "
                "you for %(time)s. After that, it keeps what you typed into the form from the next person at this "
                "computer. It is encrypted."
            ),
            time=wording.lazy_duration(recovery_asked.SHOWN_FOR),
        ),
        None,
    ),
    Cookie(
        "language",
        _("Remembers whether you read ESR in English or in Welsh, because you chose it in this browser."),
        language.KEPT_FOR,
    ),
    Cookie(
        "account-language",
        _("Keeps ESR in the language that you chose for your account, while you are logged in."),
        None,
    ),
    Cookie(
        "way-in",
        _("Remembers that you log in with your Care Identity, because you ticked “Remember my selection”."),
        preferred_method.REMEMBERED_FOR,
    ),
    Cookie(
        f"c{_VARIES}",
        _("Belongs to a log-in with Care Identity that you have begun, so that it ends in this browser alone."),
        _MINUTES_OF_A_LOG_IN,
    ),
    Cookie(
        "refusal",
        _("Keeps why a log-in with Care Identity did not work, to tell you."),
        VISITORS_AGE,
    ),
)


def described(name: str) -> Cookie | None:
    """Return the cookie that a browser keeps under `name`, or None where the page describes none."""
    return next((cookie for cookie in COOKIES if cookie.is_called(name)), None)
