"""What a browser is shown once while a second step is set up: the secret for an app, and recovery codes.

The session holds them sealed, for the one log-in or person that they are for, and not for long: a copy of the database
makes no code of them.
"""

from __future__ import annotations

import datetime
import json
from typing import TYPE_CHECKING

from accounts import sealing
from accounts.browser.slots import Slot
from accounts.services import second_step
from accounts.services.second_step import recovery_codes

if TYPE_CHECKING:
    from django.http import HttpRequest

    from accounts.models import User

# As long as a log-in under way may take: time to install an app.
SECRET_LASTS = datetime.timedelta(minutes=15)
# Time to write ten codes down, or to save the file.
CODES_LAST = datetime.timedelta(minutes=15)

_SECRET = Slot("app_secret", lasts=SECRET_LASTS, begun=False)
_CODES = Slot("recovery_codes", lasts=CODES_LAST, begun=False)


def secret(request: HttpRequest, *, about: str) -> str:
    """Return the secret that is offered for an app, in hexadecimal: the same for a while, and made where there is none.

    `about` is what the forms are about: the log-in under way, or the person.
    """
    kept = _opened(_SECRET.find(request.session), about=about, what="secret")
    if kept is None:
        kept = second_step.new_secret()
        _SECRET.keep(request.session, sealing.seal(kept.encode(), of=_of("secret", about)))
    return kept


def is_secret_offered(request: HttpRequest, *, about: str) -> bool:
    """Return whether a secret is offered now for what the forms are about."""
    return _opened(_SECRET.find(request.session), about=about, what="secret") is not None


def forget_secret(request: HttpRequest) -> None:
    """Forget the secret that was offered: it is the person's now."""
    _SECRET.forget(request.session)


def make_codes(request: HttpRequest, *, user: User, about: str) -> None:
    """Make new recovery codes for `user`, which end the old ones, and keep them to be shown once.

    Raises second_step.PasswordChanged.
    """
    codes = json.dumps(recovery_codes.make(user=user))
    _CODES.keep(request.session, {"sealed": sealing.seal(codes.encode(), of=_of("codes", about)), "shown": False})


def codes_to_show(request: HttpRequest, *, about: str) -> list[str]:
    """Return the recovery codes that were made just now, once; an empty list after that, or where there are none."""
    kept = _CODES.find(request.session)
    if not kept or kept["shown"]:
        return []
    codes = codes_to_save(request, about=about)
    if codes and request.method == "GET":
        _CODES.keep(request.session, {**kept, "shown": True})
    return codes


def codes_to_save(request: HttpRequest, *, about: str) -> list[str]:
    """Return the recovery codes for the file, as long as they can be saved; else an empty list."""
    kept = _CODES.find(request.session)
    opened = _opened(kept["sealed"], about=about, what="codes") if kept else None
    return json.loads(opened) if opened else []


def forget_codes(request: HttpRequest) -> None:
    """Forget the recovery codes: the person has saved them."""
    _CODES.forget(request.session)


def _opened(kept: str | None, *, about: str, what: str) -> str | None:
    if not kept:
        return None
    try:
        return sealing.unseal(kept, of=_of(what, about)).decode()
    except sealing.CannotOpen:
        # Of another log-in, or sealed with a key that was taken away.
        return None


def _of(what: str, about: str) -> str:
    return f"offered {what} {about}"
