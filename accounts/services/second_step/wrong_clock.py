"""Whether a code of an app is refused because of a clock of ours, and not because it is wrong (RFC 6238, 6)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from django_otp.oath import TOTP

from accounts import clocks

if TYPE_CHECKING:
    from accounts.models import Authenticator


def is_ours(*, authenticator: Authenticator, code: str) -> bool:
    """Return whether `code`, which was just refused, is refused by a fault of ours. Raises sealing.CannotOpen.

    Either the clock was ahead when a code was last used, so that none is taken until it gets there again; or it is
    wrong now, and the code is right by the database's. In the first case no guess can be right, and of the second a
    guesser learns nothing that lets them in.
    """
    if authenticator.last_t > _at(authenticator, time.time()).t() + authenticator.tolerance:
        return True
    theirs = clocks.of_database_if_it_disagrees()
    if theirs is None or not code.isascii() or not code.isdigit():
        return False
    right: bool = _at(authenticator, theirs.timestamp()).verify(
        int(code), authenticator.tolerance, authenticator.last_t + 1
    )
    return right


def _at(authenticator: Authenticator, moment: float) -> TOTP:
    app = TOTP(authenticator.bin_key, authenticator.step, authenticator.t0, authenticator.digits, authenticator.drift)
    app.time = moment
    return app
