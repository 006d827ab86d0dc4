"""Cookies of ours besides the session's: all under one prefix, and out of the reach of scripts and other sites."""

from __future__ import annotations

import base64
import datetime
from collections.abc import Callable, Mapping

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare, salted_hmac

from nhsuk import new_form


def read(request: HttpRequest, *, name: str) -> str:
    """Return what the browser kept under `name`, or "". A browser may send anything."""
    return request.COOKIES.get(settings.COOKIE_PREFIX + name, "")


def keep(response: HttpResponse, *, name: str, value: str, lasts: datetime.timedelta | None) -> None:
    """Have the browser keep `value` under `name` for so long; None is until it is closed."""
    response.set_cookie(
        settings.COOKIE_PREFIX + name,
        value,
        max_age=None if lasts is None else int(lasts.total_seconds()),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def forget(response: HttpResponse, *, name: str) -> None:
    """Have the browser forget what it kept under `name`."""
    keep(response, name=name, value="", lasts=datetime.timedelta(0))


def sent(request: HttpRequest, *, like: Callable[[str], bool]) -> dict[str, str]:
    """Return what the browser kept under those of our names (without the site's prefix) that are `like` this."""
    prefix = settings.COOKIE_PREFIX
    named = {name.removeprefix(prefix): value for name, value in request.COOKIES.items() if name.startswith(prefix)}
    return {name: value for name, value in named.items() if like(name)}


def superfluous(sent: Mapping[str, str], *, keep: str, most: int) -> list[str]:
    """Return the names of the signed cookies to delete so that `most` are left with the one named `keep`.

    The oldest go first.
    """
    others = [name for name in sent if not constant_time_compare(name, keep)]
    others.sort(key=lambda name: _age_hint(sent[name]))
    return others[: max(0, len(others) - (most - 1))]


def _age_hint(value: str) -> int:
    """Return the time a signed cookie says it was made at, without believing it: it only chooses which to drop."""
    parts = value.split(":")
    try:
        return signing.b62_decode(parts[1]) if len(parts) == 3 and parts[1] else 0
    except ValueError:
        return 0


def secret_of_browser(request: HttpRequest) -> str:
    """Return what this browser alone holds, until the next log-in in it: the secret of its CSRF cookie.

    The answer brings the cookie along where the browser has none yet.
    """
    return new_form.secret_of(request)


def sign(value: str, *, salt: str) -> str:
    """Return `value` signed: it can be read, but not made or changed without the portal's secret key.

    `salt` says what it is for: what is signed for one purpose is worth nothing for another.
    """
    return signing.TimestampSigner(salt=salt).sign(value)


def unsign(signed: str, *, salt: str, lasts: datetime.timedelta) -> str | None:
    """Return the value that `sign` made `signed` of no longer than `lasts` ago, or None where it did not."""
    try:
        return signing.TimestampSigner(salt=salt).unsign(signed, max_age=lasts)
    except signing.BadSignature:
        return None


def seal(value: str, *, salt: str) -> str:
    """Return `value` encrypted and signed: without the portal's secret key it can be neither read nor made.

    `salt` says what it is for, as in `sign`. How long it is tells only so many times 128 letters.
    """
    letters = value.encode()
    return _box(salt).encrypt(letters.ljust(-len(letters) // 128 * -128)).decode("ascii")


def unseal(sealed: str, *, salt: str, lasts: datetime.timedelta) -> str | None:
    """Return the value that `seal` made `sealed` of no longer than `lasts` ago, or None where it did not."""
    try:
        opened = _box(salt).decrypt(sealed.encode("utf-8", "replace"), ttl=int(lasts.total_seconds()))
    except InvalidToken:
        return None
    return opened.decode().rstrip(" ")


def _box(salt: str) -> MultiFernet:
    """Return what encrypts with the key of today and decrypts with those of before it too."""
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    macs = (salted_hmac(f"{salt}.seal", "", secret=secret, algorithm="sha256").digest() for secret in secrets)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(mac)) for mac in macs])
